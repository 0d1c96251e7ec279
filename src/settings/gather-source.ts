/** One gathering for one source: find, copy, note permissions, and remember what was gathered. */
import { readFileSync } from "node:fs";

import { systemCode } from "../base/errors.ts";
import { withoutSeal } from "./cipher.ts";
import type { CopyPlace } from "./copy-in.ts";
import { CopyWriter } from "./copy-in.ts";
import type { OpenFolderStats } from "./file-look.ts";
import { type Found, findFiles } from "./find-files.ts";
import { gatheredStamp, type GatherMemory, readGathered, writeGathered } from "./gather-record.ts";
import { type Gather, gather, type GatherInput } from "./gather.ts";
import { type Modes, MODES_FILE, modesText, parseModes } from "./modes-file.ts";
import { isAsRemembered, type QuickLookInput, remember } from "./quick-look.ts";
import type { Variants } from "./variants.ts";
import type { Selection } from "./selection.ts";

export type GatherSourceInput = Omit<GatherInput, "found" | "record"> & {
  readonly selections: readonly Selection[];
  /** Absolute paths that are never gathered. */
  readonly never: readonly string[];
  readonly home: string;
  readonly openFolderStats?: OpenFolderStats | undefined;
  /** A file of lull's own that goes into the repository with the first encrypted one. */
  readonly recipients?: { readonly name: string; readonly text: string } | undefined;
  /** False where files have no permission bits (Windows): what others noted stays. */
  readonly hasModes: boolean;
};

export type GatheredSource = Gather & {
  /** Something of it is encrypted. */
  readonly hasSealed: boolean;
};

/** The caller holds the source's lock. */
export async function gatherSource(input: GatherSourceInput): Promise<GatheredSource> {
  const { place, selections, signal, never, dryRun } = input;
  const quick = quickLook(input);
  const passedOver = quick === undefined ? undefined : isAsRemembered(quick);
  if (passedOver !== undefined) return { ...NOTHING_NEW, passedOver };
  const found = findFiles({
    selections,
    signal,
    home: input.home,
    openFolderStats: input.openFolderStats,
    never: [...never, place.directory],
  });
  const before = readGathered(place.gitDirectory);
  const result = await gather({ ...input, found, record: before.files });
  const hasSealed = [...result.record.values()].some(({ isSealed }) => isSealed);
  if (dryRun) return { ...result, hasSealed };
  if (input.hasModes) noteModes(place, { found, result, before, variants: input.variants });
  const { recipients } = input;
  if (recipients !== undefined && hasSealed) writeOwn(place, recipients.name, recipients.text);
  const after = { files: result.record, folders: found.folderModes };
  if (!isSame(before, after)) writeGathered(place.gitDirectory, after);
  if (isSettled(found, result)) rememberLook(input, found, result);
  return { ...result, hasSealed };
}

const NOTHING_NEW: Omit<GatheredSource, "passedOver"> = {
  record: new Map(),
  added: [],
  updated: [],
  removed: [],
  met: [],
  undecided: [],
  newlySealed: [],
  hasSealed: false,
};

/** Undefined: there is no way to look quickly, or a list of recipients is to be written. */
function quickLook({
  selections,
  place,
  never,
  home,
  openFolderStats,
  recipients,
  syncDeletions,
  largest,
  cipher,
}: GatherSourceInput): QuickLookInput | undefined {
  if (openFolderStats === undefined || recipients !== undefined) return undefined;
  const record = gatheredStamp(place.gitDirectory);
  // What changes any of it is a reason to look at all again.
  const key = JSON.stringify([selections, never, home, syncDeletions, largest, cipher !== undefined, record]);
  return { gitDirectory: place.gitDirectory, key, openFolderStats };
}

/** Every file that was found is in the record, and nothing waits, or may have changed unnoticed. */
function isSettled(found: Found, { record, undecided, passedOver }: Gather): boolean {
  if (undecided.length > 0 || passedOver.length > found.passedOver.length) return false;
  if (record.size !== found.files.length) return false;
  for (const { isYoung } of record.values()) if (isYoung) return false;
  return true;
}

function rememberLook(input: GatherSourceInput, found: Found, { record }: Gather): void {
  const quick = quickLook(input);
  if (quick !== undefined) remember(quick, found, record);
}

type Noting = {
  readonly found: Found;
  readonly result: Gather;
  readonly before: GatherMemory;
  readonly variants: Variants;
};

/**
 * Permissions by the same rule as contents: what changed here is noted, what another device noted stays. Else two machines
 * of other habits would correct each other for ever.
 */
function noteModes(place: CopyPlace, { found, result, before, variants }: Noting): void {
  const text = readText(`${place.directory}/${MODES_FILE}`);
  const modes = new Map(parseModes(text));
  const { record, added, removed } = result;
  for (const name of removed) modes.delete(withoutSeal(name));
  const isNew = new Set(added.map(withoutSeal));
  const note = (key: string, mode: number, last: number | undefined, isOurs: boolean): void => {
    if (last === undefined ? isOurs : last !== mode) modes.set(key, mode);
  };
  for (const file of found.files) {
    const { copy, isLink } = file;
    const gathered = record.get(copy);
    // Of one that was passed over nothing is known.
    if (gathered === undefined || isLink) continue;
    const last = before.files.get(copy);
    if (last === gathered) continue;
    const mode = permissions(gathered.stamp.mode);
    const lastMode = optionally(last?.stamp.mode);
    if (lastMode === mode) continue;
    const name = variants.nameOf(copy, file);
    note(name, mode, lastMode, isNew.has(name));
  }
  for (const [folder, mode] of found.folderModes) {
    const isOurs = !modes.has(`${folder}/`) && added.some((name) => name.startsWith(`${folder}/`));
    note(`${folder}/`, permissions(mode), optionally(before.folders.get(folder)), isOurs);
  }
  const wanted = modesText(modes satisfies Modes);
  if (wanted !== text) writeOwn(place, MODES_FILE, wanted);
}

function permissions(mode: number): number {
  return mode & 0o777;
}

function optionally(mode: number | undefined): number | undefined {
  return mode === undefined ? undefined : permissions(mode);
}

function writeOwn(place: CopyPlace, name: string, text: string): void {
  const writer = new CopyWriter(place);
  writer.writeText(name, text);
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

function isSame(a: GatherMemory, b: GatherMemory): boolean {
  return isSameMap(a.files, b.files) && isSameMap(a.folders, b.folders);
}

function isSameMap<T>(a: ReadonlyMap<string, T>, b: ReadonlyMap<string, T>): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of b) if (a.get(key) !== value) return false;
  return true;
}
