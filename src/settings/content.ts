/** What a path holds: bytes and mode of a file, or the target of a link. */
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  type Stats,
} from "node:fs";

import { systemCode } from "../base/errors.ts";
import type { FileStamp } from "./find-files.ts";

export type Content = {
  /** Of a link its target. */
  readonly bytes: Uint8Array;
  readonly isLink: boolean;
  /** Permission bits; of a link 0o777. */
  readonly mode: number;
  readonly stamp: FileStamp;
};

/** Modification times are told apart by this many milliseconds at worst (FAT, some network file systems). */
const LONGEST_TICK_MS = 2000;

/**
 * Reads a file or link without following it, twice looked at: a file that is being written right now is none.
 * @returns undefined when there is neither, or when it changed meanwhile
 * @throws the system's error, e.g. `EACCES`
 */
export function readContent(path: string): Content | undefined {
  const before = lookAt(path);
  if (before === undefined) return undefined;
  if (before.isSymbolicLink()) {
    const bytes = readlinkSync(path, "buffer");
    return { bytes, isLink: true, mode: 0o777, stamp: stampOf(before) };
  }
  if (!before.isFile()) return undefined;
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const opened = fstatSync(handle);
    if (!opened.isFile()) return undefined;
    const bytes = readFileSync(handle);
    const stamp = stampOf(fstatSync(handle));
    if (!isSame(stampOf(opened), stamp) || bytes.length !== stamp.size) return undefined;
    return { bytes, isLink: false, mode: stamp.mode & 0o7777, stamp };
  } finally {
    closeSync(handle);
  }
}

/** Inodes by their lower half, which is all that the fastest way to ask tells. */
export function stampOf({ size, mtimeMs, ctimeMs, ino, mode }: Stats): FileStamp {
  return { size, mtimeMs, ctimeMs, ino: ino % 2 ** 32, mode };
}

/** Whether a file is as it was. */
export function isSame(a: FileStamp, b: FileStamp): boolean {
  return (
    a.size === b.size &&
    a.mtimeMs === b.mtimeMs &&
    a.ctimeMs === b.ctimeMs &&
    a.ino === b.ino &&
    a.mode === b.mode
  );
}

/** @param now milliseconds since 1970, by the system's clock */
export function isYoung(stamp: FileStamp, now: number): boolean {
  return now - Math.max(stamp.mtimeMs, stamp.ctimeMs) < LONGEST_TICK_MS;
}

/** Of a content and its kind; modes are compared apart. */
export function digestOf({ bytes, isLink }: Pick<Content, "bytes" | "isLink">): string {
  const hash = new Bun.CryptoHasher("sha256");
  hash.update(isLink ? "link\0" : "file\0");
  // Half of it is enough to tell versions of one file apart, and half as much to read in each run.
  return hash.update(bytes).digest("hex").slice(0, 32);
}

/** Without following a link; undefined: there is nothing. */
export function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // A folder above it became a file.
    if (systemCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
