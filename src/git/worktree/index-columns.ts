/**
 * The entries of an index as columns, not as one object per entry: 50,000 entries would otherwise cost more time
 * and memory than everything else in a scan.
 */
import type { RepoPath } from "../model.ts";
import type { IndexUpdate } from "./index-model.ts";

/** Numbers per entry in `IndexColumns.fields`, in the order of the file format. */
export const FIELD = {
  ctimeSeconds: 0,
  ctimeNanoseconds: 1,
  mtimeSeconds: 2,
  mtimeNanoseconds: 3,
  device: 4,
  inode: 5,
  mode: 6,
  uid: 7,
  gid: 8,
  size: 9,
} as const;
export const FIELDS = 10;
export const OID_BYTES = 20;

/** The flag word of the file format without its name length, and the extended word of version 3 beside it. */
export const FLAG = { assumeValid: 0x8000, skipWorktree: 0x4000, intentToAdd: 0x2000 } as const;

export type IndexColumns = {
  readonly paths: RepoPath[];
  /** `FIELDS` numbers for each entry. */
  readonly fields: Uint32Array;
  /** `OID_BYTES` bytes for each entry. */
  readonly oids: Buffer;
  readonly flags: Uint16Array;
  /** `skipWorktree` and `intentToAdd`. */
  readonly extended: Uint16Array;
};

export function emptyColumns(count: number): IndexColumns {
  return {
    paths: [],
    fields: new Uint32Array(count * FIELDS),
    oids: Buffer.alloc(count * OID_BYTES),
    flags: new Uint16Array(count),
    extended: new Uint16Array(count),
  };
}

/** Returns the columns with each of the sorted paths set or (change undefined) left out. */
export function mergeColumns(
  before: IndexColumns,
  sorted: readonly RepoPath[],
  changes: ReadonlyMap<RepoPath, IndexUpdate | undefined>,
): IndexColumns {
  const after = emptyColumns(before.paths.length + sorted.length);
  let from = 0;
  for (const path of sorted) {
    const to = lowerBoundFrom(before.paths, path, from);
    copyEntries(before, after, from, to);
    const exists = before.paths[to] === path;
    const change = changes.get(path);
    if (change !== undefined) appendEntry(after, path, change);
    if (change !== undefined && exists) {
      const position = after.paths.length - 1;
      after.flags[position] = before.flags[to] ?? 0;
      after.extended[position] = (before.extended[to] ?? 0) & ~FLAG.intentToAdd;
    }
    from = exists ? to + 1 : to;
  }
  copyEntries(before, after, from, before.paths.length);
  return trimColumns(after);
}

function lowerBoundFrom(paths: readonly RepoPath[], path: RepoPath, from: number): number {
  let low = from;
  let high = paths.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((paths[middle] ?? "") < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

function copyEntries(before: IndexColumns, after: IndexColumns, from: number, to: number): void {
  const at = after.paths.length;
  for (let position = from; position < to; position++) after.paths.push(before.paths[position] ?? "");
  after.fields.set(before.fields.subarray(from * FIELDS, to * FIELDS), at * FIELDS);
  before.oids.copy(after.oids, at * OID_BYTES, from * OID_BYTES, to * OID_BYTES);
  after.flags.set(before.flags.subarray(from, to), at);
  after.extended.set(before.extended.subarray(from, to), at);
}

function appendEntry(columns: IndexColumns, path: RepoPath, change: IndexUpdate): void {
  const position = columns.paths.length;
  const at = position * FIELDS;
  columns.paths.push(path);
  columns.fields[at + FIELD.mode] = change.mode;
  columns.oids.write(change.oid, position * OID_BYTES, "hex");
  const { stat } = change;
  if (stat === undefined) return;
  columns.fields[at + FIELD.ctimeSeconds] = stat.ctimeSeconds;
  columns.fields[at + FIELD.ctimeNanoseconds] = stat.ctimeNanoseconds;
  columns.fields[at + FIELD.mtimeSeconds] = stat.mtimeSeconds;
  columns.fields[at + FIELD.mtimeNanoseconds] = stat.mtimeNanoseconds;
  columns.fields[at + FIELD.device] = stat.device;
  columns.fields[at + FIELD.inode] = stat.inode;
  columns.fields[at + FIELD.uid] = stat.uid;
  columns.fields[at + FIELD.gid] = stat.gid;
  columns.fields[at + FIELD.size] = stat.size;
}

/** Cuts the columns to the entries that are there. */
export function trimColumns(columns: IndexColumns): IndexColumns {
  const count = columns.paths.length;
  return {
    paths: columns.paths,
    fields: columns.fields.subarray(0, count * FIELDS),
    oids: columns.oids.subarray(0, count * OID_BYTES),
    flags: columns.flags.subarray(0, count),
    extended: columns.extended.subarray(0, count),
  };
}
