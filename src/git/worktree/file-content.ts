/** Reads what a path holds as its object would hold it: without following a link, and without blocking on a FIFO. */
import { closeSync, constants, openSync, readlinkSync, readSync } from "node:fs";

import { throwIfAborted } from "../../base/abort.ts";
import { startObjectHash } from "../objects/hash-object.ts";
import { hasNul } from "./eol.ts";
import { statHandle } from "./stat.ts";
import type { Oid, RepoPath } from "../model.ts";
import type { Conversion } from "./conversion.ts";
import type { FileStat } from "./stat.ts";

/** Beyond this a file is not held in memory, unless its line ends have to be converted. */
export const LARGE_FILE = 4 * 1024 * 1024;
const CHUNK = 1024 * 1024;
const CARRIAGE_RETURN = 13;
const LARGEST_ROOM = 512 * 1024;

/** An open regular file, with what fstat said right after opening it. */
export type OpenFile = { readonly handle: number; readonly stat: FileStat };
export type StatOf = (handle: number) => FileStat;

/**
 * Calls `use` with the open file; it is closed afterwards.
 * @param statOf fstat, where the caller has a quicker one
 * @returns undefined when the path is no regular file (any more)
 * @throws the system's error, e.g. `ENOENT`, `EACCES`; `ELOOP` for a link
 */
export function withFile<T>(
  path: string | Buffer,
  use: (file: OpenFile) => T,
  statOf: StatOf = statHandle,
): T | undefined {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = statOf(handle);
    return stat.kind === "file" ? use({ handle, stat }) : undefined;
  } finally {
    closeSync(handle);
  }
}

/** What the object of a file is made of: bytes in memory, or the file itself when it is large and taken as it is. */
export type BlobSource = { readonly kind: "bytes"; readonly bytes: Uint8Array } | { readonly kind: "stream" };

/** @param room left out: the bytes are the caller's to keep */
export function blobSource(
  file: OpenFile,
  path: RepoPath,
  conversion: Conversion,
  room?: ReadingRoom,
): BlobSource {
  if (file.stat.size > LARGE_FILE && isTakenAsIs(file, path, conversion)) return { kind: "stream" };
  return { kind: "bytes", bytes: conversion.toRepository(readAll(file, room), path) };
}

/** Reads up to the size that fstat gave; a file that shrank gives less. */
export function readAll(file: OpenFile, room?: ReadingRoom): Buffer {
  const bytes = room?.take(file.stat.size) ?? Buffer.allocUnsafe(file.stat.size);
  const length = fill(file.handle, bytes, 0);
  return bytes.subarray(0, length);
}

/** Memory for one small file after the other; what was read is valid until the next one. */
export class ReadingRoom {
  #bytes = Buffer.alloc(0);

  take(size: number): Buffer | undefined {
    if (size > LARGEST_ROOM) return undefined;
    if (size > this.#bytes.length)
      this.#bytes = Buffer.allocUnsafeSlow(Math.max(size, 2 * this.#bytes.length));
    return this.#bytes.subarray(0, size);
  }
}

export function readLink(path: string | Buffer): Buffer {
  return readlinkSync(path, { encoding: "buffer" });
}

/** The name of a file's content as a blob, read in pieces. A file that shrinks meanwhile gives a name that fits nothing. */
export function hashFile(file: OpenFile, signal: AbortSignal | undefined): Oid {
  const hasher = startObjectHash("blob", file.stat.size);
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; at < file.stat.size;) {
    throwIfAborted(signal);
    const wanted = Math.min(CHUNK, file.stat.size - at);
    const length = fill(file.handle, chunk.subarray(0, wanted), at);
    if (length === 0) break;
    hasher.update(chunk.subarray(0, length));
    at += length;
  }
  return hasher.digest("hex");
}

/** Large files are nearly always binary, which their first piece shows, or have no line ends to convert. */
function isTakenAsIs(file: OpenFile, path: RepoPath, conversion: Conversion): boolean {
  const rule = conversion.rule(path);
  if (rule.kind === "none") return true;
  const chunk = Buffer.allocUnsafe(CHUNK);
  for (let at = 0; at < file.stat.size;) {
    const piece = chunk.subarray(0, fill(file.handle, chunk, at));
    if (piece.length === 0) break;
    if (at === 0 && rule.kind === "auto" && hasNul(piece)) return true;
    if (piece.includes(CARRIAGE_RETURN)) return false;
    at += piece.length;
  }
  return true;
}

function fill(handle: number, bytes: Uint8Array, position: number): number {
  let done = 0;
  while (done < bytes.length) {
    const read = readSync(handle, bytes, done, bytes.length - done, position + done);
    if (read === 0) break;
    done += read;
  }
  return done;
}
