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
export const LARGE_FILE = 32 * 1024 * 1024;
const CHUNK = 1024 * 1024;

/** An open regular file, with what fstat said right after opening it. */
export type OpenFile = { readonly handle: number; readonly stat: FileStat };

/**
 * Calls `use` with the open file; it is closed afterwards.
 * @returns undefined when the path is no regular file (any more)
 * @throws the system's error, e.g. `ENOENT`, `EACCES`; `ELOOP` for a link
 */
export function withFile<T>(path: string | Buffer, use: (file: OpenFile) => T): T | undefined {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = statHandle(handle);
    return stat.kind === "file" ? use({ handle, stat }) : undefined;
  } finally {
    closeSync(handle);
  }
}

/** What the object of a file is made of: bytes in memory, or the file itself when it is large and taken as it is. */
export type BlobSource = { readonly kind: "bytes"; readonly bytes: Uint8Array } | { readonly kind: "stream" };

export function blobSource(file: OpenFile, path: RepoPath, conversion: Conversion): BlobSource {
  if (file.stat.size > LARGE_FILE && isTakenAsIs(file, path, conversion)) return { kind: "stream" };
  return { kind: "bytes", bytes: conversion.toRepository(readAll(file), path) };
}

/** Reads up to the size that fstat gave; a file that shrank gives less. */
export function readAll(file: OpenFile): Buffer {
  const bytes = Buffer.allocUnsafe(file.stat.size);
  const length = fill(file.handle, bytes, 0);
  return bytes.subarray(0, length);
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

/** Large files are nearly always binary, which their first piece shows. */
function isTakenAsIs(file: OpenFile, path: RepoPath, conversion: Conversion): boolean {
  const rule = conversion.rule(path);
  if (rule.kind === "none") return true;
  if (rule.kind === "text") return false;
  const start = Buffer.allocUnsafe(CHUNK);
  return hasNul(start.subarray(0, fill(file.handle, start, 0)));
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
