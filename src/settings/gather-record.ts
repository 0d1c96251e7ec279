/**
 * What this device last gathered or restored, file by file, in `<gitdir>/lull/gathered.json`: the third version, beside
 * the file in the home and its copy, that tells who of the two has changed. Without it every file is compared with its
 * copy once more; nothing is lost by that.
 */
import { readSideFile, type SideFile, writeSideFile } from "../base/side-file.ts";
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
};

/** By the names of the copies in the repository. */
export type GatherRecord = ReadonlyMap<string, Gathered>;

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

export function readGathered(gitDirectory: string): GatherRecord {
  const { version, files } = readSideFile(recordFile(gitDirectory)) ?? {};
  if (version !== 1 || typeof files !== "object" || files === null) return new Map();
  return new Map(
    Object.entries(files).flatMap(([copy, row]) => {
      const gathered = parseRow(row);
      return gathered === undefined ? [] : [[copy, gathered] as const];
    }),
  );
}

/** The caller holds the source's lock, and every copy is on the disk. */
export function writeGathered(gitDirectory: string, record: GatherRecord): void {
  const files = Object.fromEntries([...record].map(([copy, gathered]) => [copy, rowOf(gathered)]));
  writeSideFile(recordFile(gitDirectory), `${JSON.stringify({ version: 1, files })}\n`);
}

function recordFile(gitDirectory: string): SideFile {
  return { gitDirectory, name: "gathered.json", largest: LARGEST };
}

function rowOf({ stamp, digest, copyDigest, isYoung, isSealed }: Gathered): Row {
  const { size, mtimeMs, ctimeMs, ino, mode } = stamp;
  const flags = (isYoung ? YOUNG : 0) | (isSealed ? SEALED : 0);
  const row = [size, mtimeMs, ctimeMs, ino, mode, digest, flags] as const;
  return copyDigest === digest ? row : [...row, copyDigest];
}

function parseRow(row: unknown): Gathered | undefined {
  if (!Array.isArray(row) || row.slice(0, 5).some((value) => typeof value !== "number")) return undefined;
  const [size, mtimeMs, ctimeMs, ino, mode, digest, flags, copyDigest = digest] = row as unknown as Row;
  if (typeof digest !== "string" || typeof copyDigest !== "string") return undefined;
  const stamp = { size, mtimeMs, ctimeMs, ino, mode };
  return { stamp, digest, copyDigest, isYoung: (flags & YOUNG) !== 0, isSealed: (flags & SEALED) !== 0 };
}
