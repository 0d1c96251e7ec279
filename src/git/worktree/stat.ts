/**
 * What the file system says about a path, in the form in which the index keeps it. The only file here that calls
 * lstat, so that a faster way to ask can take its place.
 */
import { fstatSync, lstatSync } from "node:fs";
import type { BigIntStats } from "node:fs";

import { systemCode } from "../../base/errors.ts";
import type { StatData } from "./index-model.ts";

export type FileKind = "file" | "symlink" | "directory" | "fifo" | "socket" | "device";

export type FileStat = {
  readonly kind: FileKind;
  readonly data: StatData;
  /** The owner may run it: the one permission bit that git keeps. */
  readonly isExecutable: boolean;
  /** Whole size in bytes, where `data.size` is modulo 2^32. */
  readonly size: number;
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
  return stats === undefined ? undefined : fileStat(stats);
}

export function statHandle(handle: number): FileStat {
  return fileStat(fstatSync(handle, { bigint: true }));
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

function fileStat(stats: BigIntStats): FileStat {
  return {
    kind: kindOf(stats),
    isExecutable: (stats.mode & 0o100n) !== 0n,
    size: Number(stats.size),
    data: {
      ctimeSeconds: seconds(stats.ctimeNs),
      ctimeNanoseconds: nanoseconds(stats.ctimeNs),
      mtimeSeconds: seconds(stats.mtimeNs),
      mtimeNanoseconds: nanoseconds(stats.mtimeNs),
      device: low32(stats.dev),
      inode: low32(stats.ino),
      uid: low32(stats.uid),
      gid: low32(stats.gid),
      size: low32(stats.size),
    },
  };
}

function kindOf(stats: BigIntStats): FileKind {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symlink";
  if (stats.isFIFO()) return "fifo";
  return stats.isSocket() ? "socket" : "device";
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
