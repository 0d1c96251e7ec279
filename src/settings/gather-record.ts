/**
 * What this device last gathered or restored, file by file, in `<gitdir>/lull/gathered.json`: the third version, beside
 * the file in the home and its copy, that tells who of the two has changed. Without it every file is compared with its
 * copy once more; nothing is lost by that.
 */
import { lstatSync } from "node:fs";

import { readSideFile, type SideFile, writeSideFile } from "../base/side-file.ts";
import { stampOf } from "./content.ts";
import type { FileStamp } from "./find-files.ts";

export type Gathered = {
  /** The file in the home as it was then. */
  readonly stamp: FileStamp;
  /** It had changed so shortly before that a further edit may not show in its stamp. */
  readonly isYoung: boolean;
  /** Of the file's content; see `digestOf`. */
  readonly digest: string;
  /** Of the copy's, another when it is encrypted, or when it was chosen that the two differ. */
  readonly copyDigest: string;
  readonly isSealed: boolean;
  /** It was this device that wanted it encrypted, by its config or as it is a key; else it follows another. */
  readonly isSealedByUs?: boolean | undefined;
};

/** By the names of the copies in the repository. */
export type GatherRecord = ReadonlyMap<string, Gathered>;

export type GatherMemory = {
  readonly files: GatherRecord;
  /** Permissions of folders, by the names of their copies. */
  readonly folders: ReadonlyMap<string, number>;
};

/** Some hundred thousand files. */
const LARGEST = 64 * 1024 * 1024;

type Row = readonly [
  size: number,
  mtimeMs: number,
  ctimeMs: number,
  ino: number,
  mode: number,
  digest: string,
  flags: number,
  copyDigest?: string,
];

const YOUNG = 1;
const SEALED = 2;
const SEALED_BY_US = 4;

export function readGathered(gitDirectory: string): GatherMemory {
  const { version, files, folders } = readSideFile(recordFile(gitDirectory)) ?? {};
  if (version !== 1) return { files: new Map(), folders: new Map() };
  return { files: entriesOf(files, parseRow), folders: entriesOf(folders, parseMode) };
}

/** A loop, not a chain of lists: of ten thousand files most are compared once and written back as they are. */
function entriesOf<T>(value: unknown, parse: (row: unknown) => T | undefined): ReadonlyMap<string, T> {
  const parsed = new Map<string, T>();
  if (typeof value !== "object" || value === null) return parsed;
  const rows = value as Readonly<Record<string, unknown>>;
  for (const copy of Object.keys(rows)) {
    const row = parse(rows[copy]);
    if (row !== undefined) parsed.set(copy, row);
  }
  return parsed;
}

function parseMode(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

/** The caller holds the source's lock, and every copy is on the disk. */
export function writeGathered(gitDirectory: string, memory: GatherMemory): void {
  const files = Object.fromEntries([...memory.files].map(([copy, gathered]) => [copy, rowOf(gathered)]));
  const folders = Object.fromEntries(memory.folders);
  writeSideFile(recordFile(gitDirectory), `${JSON.stringify({ version: 1, files, folders })}\n`);
}

/** Tells one record from another without reading it; undefined: there is none. */
export function gatheredStamp(gitDirectory: string): FileStamp | undefined {
  const stat = lstatSync(`${gitDirectory}/lull/gathered.json`, { throwIfNoEntry: false });
  return stat && stampOf(stat);
}

function recordFile(gitDirectory: string): SideFile {
  return { gitDirectory, name: "gathered.json", largest: LARGEST };
}

function rowOf({ stamp, digest, copyDigest, isYoung, isSealed, isSealedByUs }: Gathered): Row {
  const { size, mtimeMs, ctimeMs, ino, mode } = stamp;
  const flags = (isYoung ? YOUNG : 0) | (isSealed ? SEALED : 0) | (isSealedByUs === true ? SEALED_BY_US : 0);
  const row = [size, mtimeMs, ctimeMs, ino, mode, digest, flags] as const;
  return copyDigest === digest ? row : [...row, copyDigest];
}

function parseRow(row: unknown): Gathered | undefined {
  if (!Array.isArray(row)) return undefined;
  const [size, mtimeMs, ctimeMs, ino, mode, digest, flags, copyDigest = digest] = row as unknown as Row;
  if (typeof size !== "number" || typeof mtimeMs !== "number" || typeof ctimeMs !== "number")
    return undefined;
  if (typeof ino !== "number" || typeof mode !== "number" || typeof flags !== "number") return undefined;
  if (typeof digest !== "string" || typeof copyDigest !== "string") return undefined;
  const stamp = { size, mtimeMs, ctimeMs, ino, mode };
  return {
    stamp,
    digest,
    copyDigest,
    isYoung: (flags & YOUNG) !== 0,
    isSealed: (flags & SEALED) !== 0,
    isSealedByUs: (flags & SEALED_BY_US) !== 0,
  };
}
