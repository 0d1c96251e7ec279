import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";

import { fromSystem, systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";

/** What lies below `objects/`, as names and sizes. */
export type ObjectSurvey = {
  readonly loose: readonly LooseFile[];
  readonly packs: readonly PackFiles[];
};

export type LooseFile = {
  readonly oid: Oid;
  readonly bytes: number;
  /** With the rest of its last block: a file of 50 bytes takes 4 KB. */
  readonly onDisk: number;
  readonly modified: number;
};

export type PackFiles = {
  /** `pack-<checksum>` */
  readonly name: string;
  /** Pack, index and whatever else belongs to it. */
  readonly bytes: number;
  readonly modified: number;
  /** Why it must stay as it is, in words; undefined when it need not. */
  readonly protectedBy: string | undefined;
};

/**
 * Files beside a pack by which the person's own git says that it has plans with it: cruft packs and bitmaps are made
 * and dropped by `git gc`, and a `.keep` is the person's own word.
 */
const PROTECTING: readonly (readonly [extension: string, reason: string])[] = [
  ["keep", "is marked with a .keep file"],
  ["mtimes", "is a cruft pack of git gc"],
  ["bitmap", "has a reachability bitmap"],
  ["promisor", "belongs to a partial clone"],
];

export function surveyObjects(gitDirectory: string): ObjectSurvey {
  const objects = `${gitDirectory}/objects`;
  const loose: LooseFile[] = [];
  for (let folder = 0; folder < 256; folder++) {
    const digits = folder.toString(16).padStart(2, "0");
    for (const name of namesIn(`${objects}/${digits}`)) {
      if (!/^[0-9a-f]{38}$/.test(name)) continue;
      const stat = statSync(`${objects}/${digits}/${name}`, { throwIfNoEntry: false });
      if (stat === undefined) continue;
      const onDisk = Math.max(stat.size, stat.blocks * 512);
      loose.push({ oid: digits + name, bytes: stat.size, onDisk, modified: stat.mtimeMs });
    }
  }
  return { loose, packs: surveyPacks(`${objects}/pack`) };
}

function surveyPacks(directory: string): PackFiles[] {
  const names = namesIn(directory);
  const known = new Set(names);
  const indexed = packsOfMultiPackIndex(directory);
  const packs: PackFiles[] = [];
  for (const file of names) {
    const name = /^(pack-[0-9a-f]{40})\.idx$/.exec(file)?.[1];
    if (name === undefined || !known.has(`${name}.pack`)) continue;
    const stats = names
      .filter((other) => other.startsWith(`${name}.`))
      .map((other) => statSync(`${directory}/${other}`, { throwIfNoEntry: false }));
    const modified = statSync(`${directory}/${name}.pack`, { throwIfNoEntry: false })?.mtimeMs;
    if (modified === undefined) continue;
    const mark = PROTECTING.find(([extension]) => known.has(`${name}.${extension}`))?.[1];
    packs.push({
      name,
      bytes: stats.reduce((sum, stat) => sum + (stat?.size ?? 0), 0),
      modified,
      protectedBy: mark ?? (indexed(name) ? "is named by git's multi-pack-index" : undefined),
    });
  }
  return packs;
}

/**
 * Tells of a pack whether git's multi-pack-index names it: git would complain about a named pack that is gone.
 * gitformat-pack(5): a table of chunks, one of which (PNAM) is the packs' names.
 */
function packsOfMultiPackIndex(directory: string): (name: string) => boolean {
  // Several layers: not read here, so every pack counts as named.
  if (existsSync(`${directory}/multi-pack-index.d`)) return () => true;
  let bytes: Buffer;
  try {
    bytes = readFileSync(`${directory}/multi-pack-index`);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return () => false;
    throw fromSystem(error, `read ${directory}/multi-pack-index`);
  }
  const names = chunkOf(bytes, "PNAM")?.toString("latin1");
  return (name) => names === undefined || names.includes(`${name}.idx`);
}

function chunkOf(bytes: Buffer, wanted: string): Buffer | undefined {
  if (bytes.length < 12 || bytes.toString("latin1", 0, 4) !== "MIDX") return undefined;
  const count = bytes[6] ?? 0;
  for (let entry = 0; entry < count; entry++) {
    const at = 12 + entry * 12;
    if (at + 24 > bytes.length) return undefined;
    if (bytes.toString("latin1", at, at + 4) !== wanted) continue;
    return bytes.subarray(Number(bytes.readBigUInt64BE(at + 4)), Number(bytes.readBigUInt64BE(at + 16)));
  }
  return undefined;
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return [];
    throw fromSystem(error, `list ${directory}`);
  }
}
