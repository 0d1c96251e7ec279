/** Git's index file: read it, or hold its lock and replace it. */
import { closeSync, constants, lstatSync, openSync, readSync } from "node:fs";

import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import { takeLockFile } from "../refs/lock-file.ts";
import { OID_BYTES } from "./index-layout.ts";
import { fixedMemory } from "../../base/fixed-memory.ts";
import { checkSum, parseIndex } from "./index-parse.ts";
import { serializeIndex } from "./index-serialize.ts";
import { IndexTable } from "./index-table.ts";
import { sameStat, statHandle, statPath } from "./stat.ts";
import type { LockFile, LockOptions } from "../refs/lock-file.ts";
import type { IndexSource, Timestamp } from "./index-table.ts";
import type { FileStat } from "./stat.ts";

/** A held lock. Give it back with `release` or `using`; after `write` it is given back already. */
export type IndexLock = {
  /** As the file is now that nobody else can change it. */
  readonly index: IndexTable;
  /** Replaces the file durably, and ends the lock. */
  write(index: IndexTable): void;
  /** Safe to call after `write`. */
  release(): void;
  [Symbol.dispose](): void;
};

const CHUNK_BYTES = 64 * 1024;

export type ReadIndexOptions = {
  /** Read earlier: given back when the file is still the same and nothing has changed the table since. */
  readonly known?: IndexTable | undefined;
  /**
   * Leaves the checksum for the one who takes the lock: it costs a sixth of a scan, and until then nothing is done by
   * what the index says. Git itself never looks at it.
   */
  readonly isUnverified?: boolean;
};

/**
 * Returns the index; an empty one when there is no file.
 * @throws LullError `INDEX_CORRUPT`, `UNSUPPORTED_REPOSITORY`, or the system's error
 */
export function readIndex(gitDirectory: string, options: ReadIndexOptions = {}): IndexTable {
  const file = indexPath(gitDirectory);
  let handle: number;
  try {
    // Not blocking: a FIFO in the index's place must not hang us.
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return new IndexTable();
    throw fromSystem(error, `open ${file}`);
  }
  try {
    const stat = statHandle(handle);
    if (stat.kind !== "file") throw notAFile(file);
    const isVerified = options.isUnverified !== true;
    const { known } = options;
    if (known?.source !== undefined && isSameFile(known.source, handle, stat)) {
      if (isVerified && !known.source.isVerified) {
        checkSum(chunksOf(handle, stat.size - OID_BYTES), known.source.checksum, file);
        known.source = { ...known.source, isVerified };
      }
      return known;
    }
    const bytes = readWhole(handle, stat.size);
    const checksum = Buffer.from(bytes.subarray(-OID_BYTES));
    if (isVerified) checkSum([bytes.subarray(0, -OID_BYTES)], checksum, file);
    const index = parseIndex(bytes, file);
    index.timestamp = { seconds: stat.data.mtimeSeconds, nanoseconds: stat.data.mtimeNanoseconds };
    index.source = { stat: stat.data, checksum, isVerified };
    return index;
  } catch (error) {
    throw fromSystem(error, `read ${file}`);
  } finally {
    closeSync(handle);
  }
}

/** Reads the file's first `size` bytes once more, in pieces that share one buffer. */
function* chunksOf(handle: number, size: number): Generator<Uint8Array> {
  const chunk = Buffer.allocUnsafe(Math.min(size, CHUNK_BYTES));
  for (let at = 0; at < size;) {
    const read = readSync(handle, chunk, 0, Math.min(chunk.length, size - at), at);
    if (read === 0) return;
    yield chunk.subarray(0, read);
    at += read;
  }
}

/** Git replaces the file as a whole: its size does not change under our hands. */
function readWhole(handle: number, size: number): Buffer {
  const bytes = fixedMemory(size);
  let length = 0;
  while (length < size) {
    const read = readSync(handle, bytes, length, size - length, length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/**
 * Times alone could hide that the file was replaced twice within one tick of the clock; its own checksum tells. Where
 * `index.skipHash` writes zeros instead, the file is read again each time.
 */
function isSameFile(source: IndexSource, handle: number, { data, size }: FileStat): boolean {
  if (!sameStat(source.stat, data)) return false;
  const checksum = Buffer.alloc(OID_BYTES);
  readSync(handle, checksum, 0, OID_BYTES, size - OID_BYTES);
  return checksum.equals(source.checksum) && checksum.some((byte) => byte !== 0);
}

/** Git itself does not wait for the index, but the person's `git status` refreshes it at any moment, for some ms. */
const INDEX_WAIT_MS = 200;

/**
 * Takes git's own `index.lock` and reads the index again under it.
 * @param options.known as for `readIndex`; it is the caller's no more, since the holder of the lock will change it
 * @throws LullError `INDEX_LOCKED` (kind `locked`), `FOLDER_MISSING` (kind `guard`), and those of `readIndex`
 */
export function lockIndex(
  gitDirectory: string,
  options: LockOptions & { readonly known?: IndexTable } = {},
): IndexLock {
  // Taking a lock makes missing folders; a repository that went away must stay away.
  if (lstatSync(gitDirectory, { throwIfNoEntry: false }) === undefined) throw repositoryMissing(gitDirectory);
  const file = indexPath(gitDirectory);
  const lock = takeLockFile(file, { waitMs: INDEX_WAIT_MS, ...options });
  try {
    const index = readIndex(gitDirectory, { known: options.known });
    index.lockedAt = timeOf(`${file}.lock`);
    return heldLock(file, lock, index);
  } catch (error) {
    lock.release();
    throw fromSystem(error, `lock ${file}`);
  }
}

function heldLock(file: string, lock: LockFile, read: IndexTable): IndexLock {
  return {
    index: read,
    write(index) {
      // Conflict stages are not in the table: writing would drop them.
      if (read.hasConflicts || index.hasConflicts) throw conflicts(file);
      index.smudgeRacyEntries();
      const pieces = serializeIndex(index);
      for (const piece of pieces) lock.write(piece);
      lock.commit();
      const stat = statPath(file);
      const checksum = Buffer.from(pieces.at(-1) ?? []);
      // Should somebody else have replaced it already, its checksum is another one.
      index.written(timeFrom(stat), stat && { stat: stat.data, checksum, isVerified: true });
    },
    release: () => lock.release(),
    [Symbol.dispose]: () => lock.release(),
  };
}

function indexPath(gitDirectory: string): string {
  return `${gitDirectory}/index`;
}

function timeOf(path: string): Timestamp {
  return timeFrom(statPath(path));
}

function timeFrom(stat: FileStat | undefined): Timestamp {
  return { seconds: stat?.data.mtimeSeconds ?? 0, nanoseconds: stat?.data.mtimeNanoseconds ?? 0 };
}

function notAFile(file: string): LullError {
  return new LullError({
    kind: "failed",
    code: "INDEX_CORRUPT",
    message: `git's index ${file} is no regular file`,
    hint: `move ${file} away and run \`git reset\`: it is rebuilt from the last commit and no file is touched`,
    data: { path: file },
  });
}

function conflicts(file: string): LullError {
  return new LullError({
    kind: "unsafe",
    code: "INDEX_CONFLICTS",
    message: `git's index ${file} holds conflicts of a merge that is not finished`,
    hint: "finish it with `git commit`, or give it up with `git merge --abort`",
    data: { path: file },
  });
}

function repositoryMissing(gitDirectory: string): LullError {
  return new LullError({
    kind: "guard",
    code: "FOLDER_MISSING",
    message: `the repository ${gitDirectory} is gone`,
    hint: "mount or restore it; nothing was changed",
    data: { path: gitDirectory },
  });
}
