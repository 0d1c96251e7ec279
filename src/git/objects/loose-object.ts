import {
  closeSync,
  fstatSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
} from "node:fs";

import { syncDirectory, writeFully } from "../../base/atomic-file.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import type { GitObject, ObjectKind, Oid } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";
import { deflate } from "./deflate.ts";
import { hashObject, startObjectHash } from "./hash-object.ts";
import { latin1Of } from "./object-header.ts";
import { type OpenedObject, wholeObject } from "./opened-object.ts";
import {
  checkDeclaredSize,
  inflate,
  inflateAll,
  inflateChunks,
  inflatePrefix,
  PREFIX_INPUT,
} from "./inflate.ts";

/** `commit `, at most 20 digits and NUL. */
const LONGEST_HEADER = 32;
const WINDOW = 64 * 1024;
const SMALL_FILE = 16 * 1024;
const HEADER = /^(commit|tree|blob|tag) (0|[1-9]\d{0,15})$/;

type LooseHeader = { readonly kind: ObjectKind; readonly size: number };

export function loosePath(objects: string, oid: Oid): string {
  return `${objects}/${oid.slice(0, 2)}/${oid.slice(2)}`;
}

/** Returns the size of the object's file as it lies there, or undefined when there is none. */
export function looseSize(objects: string, oid: Oid): number | undefined {
  return statSync(loosePath(objects, oid), { throwIfNoEntry: false })?.size;
}

/**
 * @returns undefined when there is no file
 * @throws DamagedData unless the content matches the name
 */
export function readLoose(objects: string, oid: Oid): GitObject | undefined {
  const small = smallLoose(loosePath(objects, oid));
  if (small !== undefined && hashObject(small.kind, small.bytes) === oid) return small;
  // Whatever is wrong or missing, the long way finds it out.
  return withLooseFile(objects, oid, (file) => wholeContent(file, oid));
}

/**
 * As `readLoose`, but an object of more than `wholeUpTo` bytes comes piece by piece.
 * @throws DamagedData at the latest after the last piece
 */
export function openLoose(objects: string, oid: Oid, wholeUpTo: number): OpenedObject | undefined {
  const small = smallLoose(loosePath(objects, oid));
  if (small !== undefined && small.bytes.length <= wholeUpTo && hashObject(small.kind, small.bytes) === oid)
    return wholeObject(small);
  return withLooseFile(objects, oid, (file) => {
    const { header } = file.header();
    if (header.size <= wholeUpTo) return wholeObject(wholeContent(file, oid));
    return { ...header, bytes: undefined, chunks: looseChunks(objects, oid) };
  });
}

/** As `readLoose`, kind and size only; the content is not verified. */
export function readLooseHeader(objects: string, oid: Oid): LooseHeader | undefined {
  const small = smallLoose(loosePath(objects, oid));
  if (small !== undefined) return { kind: small.kind, size: small.bytes.length };
  return withLooseFile(objects, oid, (file) => file.header().header);
}

/** Tells whether the loose file holds exactly this object, in little memory. False also when there is no file. */
export function isWholeLoose(objects: string, oid: Oid): boolean {
  try {
    const chunks = looseChunks(objects, oid);
    for (let step = chunks.next(); step.done !== true; step = chunks.next());
    return true;
  } catch (error) {
    if (error instanceof DamagedData || systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

/**
 * Gives the content piece by piece, each valid until the next, and checks the name at the end.
 * @throws DamagedData at the latest after the last piece; the system's ENOENT when there is no file
 */
export function* looseChunks(objects: string, oid: Oid): Generator<Uint8Array> {
  using file = new LooseFile(loosePath(objects, oid));
  const { header, length } = file.header();
  const hasher = startObjectHash(header.kind, header.size);
  let skip = length;
  for (const chunk of file.chunks(length + header.size)) {
    const content = chunk.subarray(skip);
    skip -= chunk.length - content.length;
    if (content.length === 0) continue;
    hasher.update(content);
    yield content;
  }
  if (hasher.digest("hex") !== oid) throw new DamagedData("bad", "its content does not match its name");
}

export type NewObject = GitObject & { readonly oid: Oid };

/**
 * Writes objects as loose files: all temporary files first, each synced, then the renames, then the folders.
 * A file of that name that is there already is replaced.
 * @param temporary a folder on the same file system, for the caller to remove
 */
export function writeLoose(objects: string, temporary: string, news: readonly NewObject[]): void {
  const changed = new Set<string>();
  for (const object of news) writeTemporary(`${temporary}/${object.oid}`, object);
  for (const { oid } of news) {
    const path = loosePath(objects, oid);
    const folder = `${objects}/${oid.slice(0, 2)}`;
    if (moveInto(folder, { from: `${temporary}/${oid}`, to: path })) changed.add(objects);
    changed.add(folder);
  }
  for (const folder of changed) syncFolder(folder);
}

/** Gone: a `git gc` has moved the objects into a pack, which it syncs itself. */
function syncFolder(folder: string): void {
  try {
    syncDirectory(folder);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}

/** More than once, as a `git gc` removes folders that are empty at that moment. Returns whether the folder is new. */
function moveInto(folder: string, { from, to }: { readonly from: string; readonly to: string }): boolean {
  for (let attempt = 1; ; attempt++) {
    try {
      const isNew = mkdirSync(folder, { recursive: true }) !== undefined;
      renameSync(from, to);
      return isNew;
    } catch (error) {
      if (systemCode(error) !== "ENOENT" || attempt === ATTEMPTS) throw fromSystem(error, `write ${to}`);
    }
  }
}

/** A gc comes once; the bound is for a folder that really is not there. */
const ATTEMPTS = 10;

/** Makes an object that somebody else wrote durable: git does not sync loose files by default. Fine when it is gone. */
export function syncLoose(objects: string, oid: Oid): void {
  const path = loosePath(objects, oid);
  try {
    const handle = openSync(path, "r");
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    // Gone: a `git gc` packed it. Else Windows, which syncs only what is open for writing, and this file is read-only.
    if (!["ENOENT", "EPERM", "EACCES", "EBADF", "EINVAL"].includes(systemCode(error) ?? ""))
      throw fromSystem(error, `sync ${path}`);
  }
}

/** Returns the names of loose objects that start with these digits (at least two). */
export function looseWithPrefix(objects: string, prefix: string): Oid[] {
  const folder = prefix.slice(0, 2);
  let names: string[];
  try {
    names = readdirSync(`${objects}/${folder}`);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw fromSystem(error, `list ${objects}/${folder}`);
  }
  return names
    .map((name) => folder + name)
    .filter((oid) => /^[0-9a-f]{40}$/.test(oid) && oid.startsWith(prefix));
}

function writeTemporary(path: string, object: NewObject): void {
  const head = Buffer.from(`${object.kind} ${object.bytes.length}\0`, "latin1");
  const content = deflate(Buffer.concat([head, object.bytes]));
  try {
    const handle = openSync(path, "wx", 0o444);
    try {
      writeFully(handle, content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fromSystem(error, `write ${path}`);
  }
}

/** For the content of one small file; nobody comes in between, because nothing here waits. */
let scratch: Buffer | undefined;

/** Three system calls and no second step for what nearly every loose object is. Its name is not checked yet. */
function smallLoose(path: string): GitObject | undefined {
  scratch ??= Buffer.allocUnsafeSlow(SMALL_FILE);
  let length: number;
  try {
    const handle = openSync(path, "r");
    try {
      length = readSync(handle, scratch, 0, SMALL_FILE, 0);
    } finally {
      closeSync(handle);
    }
  } catch {
    return undefined;
  }
  const bytes = length === SMALL_FILE ? undefined : inflateAll(scratch.subarray(0, length));
  return bytes === undefined ? undefined : splitHeader(bytes);
}

function wholeContent(file: LooseFile, oid: Oid): GitObject {
  const { header, length } = file.header();
  const bytes = file.content(length + header.size).subarray(length);
  if (hashObject(header.kind, bytes) !== oid)
    throw new DamagedData("bad", "its content does not match its name");
  return { kind: header.kind, bytes };
}

function splitHeader(bytes: Uint8Array): GitObject | undefined {
  const end = bytes.indexOf(0);
  if (end < 0 || end > LONGEST_HEADER) return undefined;
  const header = parseHeader(latin1Of(bytes.subarray(0, end)));
  if (header?.size !== bytes.length - end - 1) return undefined;
  return { kind: header.kind, bytes: bytes.subarray(end + 1) };
}

function parseHeader(text: string): LooseHeader | undefined {
  const match = HEADER.exec(text);
  return match === null ? undefined : { kind: match[1] as ObjectKind, size: Number(match[2]) };
}

function withLooseFile<Result>(
  objects: string,
  oid: Oid,
  use: (file: LooseFile) => Result,
): Result | undefined {
  const path = loosePath(objects, oid);
  try {
    using file = new LooseFile(path);
    return use(file);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fromSystem(error, `read ${path}`);
  }
}

class LooseFile {
  readonly #handle: number;
  readonly #size: number;
  /** The whole file when it is small, else its start. */
  readonly #start: Buffer;

  constructor(path: string) {
    this.#handle = openSync(path, "r");
    this.#size = fstatSync(this.#handle).size;
    this.#start = this.#read(0, Math.min(this.#size, WINDOW));
  }

  header(): { readonly header: LooseHeader; readonly length: number } {
    const start = inflatePrefix(this.#start.subarray(0, PREFIX_INPUT), LONGEST_HEADER);
    const end = start.indexOf(0);
    const header = parseHeader(start.toString("latin1", 0, Math.max(end, 0)));
    if (header === undefined)
      throw new DamagedData("bad", this.#size === 0 ? "its file is empty" : "its file has no object header");
    return { header, length: end + 1 };
  }

  content(size: number): Buffer {
    if (this.#size <= WINDOW) {
      const { bytes, consumed } = inflate(this.#start, size);
      this.#checkEnd(consumed);
      return bytes;
    }
    checkDeclaredSize(size, this.#size);
    const bytes = Buffer.allocUnsafeSlow(size);
    let filled = 0;
    for (const chunk of this.chunks(size)) {
      bytes.set(chunk, filled);
      filled += chunk.length;
    }
    return bytes;
  }

  *chunks(size: number): Generator<Uint8Array> {
    this.#checkEnd(yield* inflateChunks({ read: (position) => this.#read(position, WINDOW) }, size));
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle);
  }

  #checkEnd(consumed: number): void {
    if (consumed !== this.#size) throw new DamagedData("bad", "its file goes on after the object");
  }

  #read(position: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readSync(this.#handle, bytes, 0, length, position));
  }
}
