/**
 * What the file system says about a path, in the form in which the index keeps it. For the many names of a scan
 * `folder-look.ts` has a faster way.
 */
import { fstatSync, lstatSync } from "node:fs";
import type { BigIntStats } from "node:fs";

import { systemCode } from "../../base/errors.ts";
import { FIELD } from "./index-layout.ts";
import type { WorkStat } from "./candidate-file.ts";
import type { StatData } from "./index-model.ts";

export type FileKind = "file" | "symlink" | "directory" | "fifo" | "socket" | "device";

export type FileStat = {
  readonly kind: FileKind;
  readonly data: StatData;
  /** The owner may run it: the one permission bit that git keeps. */
  readonly isExecutable: boolean;
  /** Whole size in bytes, where `data.size` is modulo 2^32. */
  readonly size: number;
  /** All of st_mode. */
  readonly mode: number;
};

/**
 * Returns undefined when there is nothing at this path (or something above it is no folder).
 * @throws the system's error otherwise, e.g. `EACCES`
 */
export function statPath(path: string | Buffer): FileStat | undefined {
  let stats: BigIntStats | undefined;
  try {
    stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
  return stats === undefined ? undefined : fileStat(rowOfStats(stats));
}

export function statHandle(handle: number): FileStat {
  return fileStat(rowOfStats(fstatSync(handle, { bigint: true })));
}

/** For a file by whose stat data somebody wants to know it again; undefined for anything else. */
export function workStat(stat: FileStat | undefined): WorkStat | undefined {
  if (stat?.kind !== "file") return undefined;
  const { mtimeSeconds, mtimeNanoseconds, ctimeSeconds, ctimeNanoseconds, inode } = stat.data;
  return {
    size: stat.size,
    stamp: [stat.size, mtimeSeconds, mtimeNanoseconds, ctimeSeconds, ctimeNanoseconds, inode].join("."),
    // The nanoseconds are cut off: a file is rather taken for younger than it is.
    changedAt: (Math.max(mtimeSeconds, ctimeSeconds) + 1) * 1000,
  };
}

/** True when all that git compares is equal. The device number is left out: it changes with every mount. */
export function sameStat(a: StatData, b: StatData): boolean {
  return (
    a.mtimeSeconds === b.mtimeSeconds &&
    a.mtimeNanoseconds === b.mtimeNanoseconds &&
    a.ctimeSeconds === b.ctimeSeconds &&
    a.ctimeNanoseconds === b.ctimeNanoseconds &&
    a.size === b.size &&
    a.inode === b.inode &&
    a.uid === b.uid &&
    a.gid === b.gid
  );
}

/** @param row numbers in the order of `FIELD`, with all of st_mode; then the upper half of the size */
export function fileStat(row: ArrayLike<number>): FileStat {
  const at = (field: number): number => row[field] ?? 0;
  const mode = at(FIELD.mode);
  return {
    kind: kindOf(mode),
    isExecutable: (mode & 0o100) !== 0,
    size: at(SIZE_HIGH) * 2 ** 32 + at(FIELD.size),
    mode,
    data: {
      ctimeSeconds: at(FIELD.ctimeSeconds),
      ctimeNanoseconds: at(FIELD.ctimeNanoseconds),
      mtimeSeconds: at(FIELD.mtimeSeconds),
      mtimeNanoseconds: at(FIELD.mtimeNanoseconds),
      device: at(FIELD.device),
      inode: at(FIELD.inode),
      uid: at(FIELD.uid),
      gid: at(FIELD.gid),
      size: at(FIELD.size),
    },
  };
}

/** The other way round. */
export function rowOf({ data, mode, size }: FileStat): number[] {
  return [
    data.ctimeSeconds,
    data.ctimeNanoseconds,
    data.mtimeSeconds,
    data.mtimeNanoseconds,
    data.device,
    data.inode,
    mode,
    data.uid,
    data.gid,
    data.size,
    Math.floor(size / 2 ** 32),
  ];
}

/** Position of the size's upper half in a row, behind all of `FIELD`. */
const SIZE_HIGH = 10;

/** @param mode st_mode */
export function kindOf(mode: number): FileKind {
  switch (mode & 0o170000) {
    case 0o100000:
      return "file";
    case 0o040000:
      return "directory";
    case 0o120000:
      return "symlink";
    case 0o010000:
      return "fifo";
    case 0o140000:
      return "socket";
    default:
      return "device";
  }
}

function rowOfStats(stats: BigIntStats): number[] {
  return [
    seconds(stats.ctimeNs),
    nanoseconds(stats.ctimeNs),
    seconds(stats.mtimeNs),
    nanoseconds(stats.mtimeNs),
    low32(stats.dev),
    low32(stats.ino),
    low32(stats.mode),
    low32(stats.uid),
    low32(stats.gid),
    low32(stats.size),
    low32(stats.size >> 32n),
  ];
}

const BILLION = 1_000_000_000n;

/** Rounded down, so that the nanoseconds are never negative: before 1970 a plain division would round up. */
function seconds(time: bigint): number {
  return time >= 0n ? Number(time / BILLION) >>> 0 : low32((time - BigInt(nanoseconds(time))) / BILLION);
}

function nanoseconds(time: bigint): number {
  const rest = Number(time % BILLION);
  return rest < 0 ? rest + 1_000_000_000 : rest;
}

function low32(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}
