/** One gathering for one source: find, copy, note permissions, and remember what was gathered. */
import { readFileSync } from "node:fs";

import type { Clock } from "../base/clock.ts";
import { systemCode } from "../base/errors.ts";
import type { Cipher } from "./cipher.ts";
import type { CopyPlace } from "./copy-in.ts";
import { CopyWriter } from "./copy-in.ts";
import { type Found, type FoundFile, findFiles } from "./find-files.ts";
import { readGathered, writeGathered } from "./gather-record.ts";
import { type Gather, gather } from "./gather.ts";
import { type Modes, MODES_FILE, modesText, parseModes } from "./modes-file.ts";
import type { Selection } from "./selection.ts";

export type GatherSourceInput = {
  readonly selections: readonly Selection[];
  readonly place: CopyPlace;
  /** Absolute paths that are never gathered. */
  readonly never: readonly string[];
  readonly cipher: Cipher | undefined;
  readonly syncDeletions: boolean;
  readonly both: (file: FoundFile) => "home" | "copy";
  readonly isCommitted: (name: string) => boolean;
  readonly largest: number;
  /** False where files have no permission bits (Windows): what others noted stays. */
  readonly hasModes: boolean;
  readonly dryRun: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
};

/** The caller holds the source's lock. */
export async function gatherSource(input: GatherSourceInput): Promise<Gather> {
  const { place, selections, signal, never, dryRun } = input;
  const found = findFiles({ selections, signal, never: [...never, place.directory] });
  const before = readGathered(place.gitDirectory);
  const result = await gather({ ...input, found, record: before });
  if (dryRun) return result;
  if (input.hasModes) noteModes(place, found, result);
  if (!isSameRecord(before, result.record)) writeGathered(place.gitDirectory, result.record);
  return result;
}

function noteModes(place: CopyPlace, found: Found, { record, removed }: Gather): void {
  const path = `${place.directory}/${MODES_FILE}`;
  const text = readText(path);
  const modes = new Map(parseModes(text));
  for (const name of removed) modes.delete(name);
  for (const { copy, isLink } of found.files) {
    const gathered = record.get(copy);
    // Of one that was passed over nothing is known.
    if (gathered !== undefined && !isLink) modes.set(copy, gathered.stamp.mode & 0o777);
  }
  for (const [folder, mode] of found.folderModes) modes.set(`${folder}/`, mode & 0o777);
  const wanted = modesText(modes satisfies Modes);
  if (wanted === text) return;
  const writer = new CopyWriter(place);
  writer.writeText(MODES_FILE, wanted);
  writer.makeDurable();
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return "";
    throw error;
  }
}

function isSameRecord(a: Gather["record"], b: Gather["record"]): boolean {
  return a.size === b.size && [...b].every(([copy, gathered]) => a.get(copy) === gathered);
}
