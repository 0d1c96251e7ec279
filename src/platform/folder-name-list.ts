/**
 * The names in an open folder by getdents64(2), without a text for each: of most folders a scan wants to know no more
 * than how many there are. Linux only; a record is laid out alike on every processor and in every C library.
 */
import { FFIType, ptr } from "bun:ffi";

import { fixedMemory } from "../base/fixed-memory.ts";
import { loadFromC } from "./c-library.ts";

/** The names of one folder, without `.` and `..`. */
export type FolderNameList = {
  readonly count: number;
  has(name: string): boolean;
  /** As bytes in latin1. */
  names(): string[];
  /** Those of folders, and of what the file system does not tell the kind of. */
  folders(): string[];
};

type Calls = NonNullable<ReturnType<typeof loadCalls>>;

let calls: Calls | "unavailable" | undefined;

/**
 * @param folder an open folder that has not been read yet, or was read by this function only
 * @returns undefined when it can not be read this way
 */
export function listFolder(folder: number): FolderNameList | undefined {
  calls ??= loadCalls() ?? "unavailable";
  if (calls === "unavailable") return undefined;
  return read(calls, folder);
}

function loadCalls() {
  const { i32, i64_fast: i64, ptr: pointer, u64 } = FFIType;
  return loadFromC({
    /** Folder handle, records, room for them in bytes. */
    getdents64: { args: [i32, pointer, u64], returns: i64 },
    /** Folder handle, place, from where. */
    lseek: { args: [i32, i64, i32], returns: i64 },
  });
}

/**
 * Where a record (`struct linux_dirent64`) has what: its own length in two bytes, the name's kind in one, and the name
 * with a NUL behind it.
 */
const LENGTH_AT = 16;
const TYPE_AT = 18;
const NAME_AT = 19;
const DT_UNKNOWN = 0;
const DT_DIR = 4;
const LONGEST_RECORD = 280;
const SEEK_SET = 0;
const DOT = 0x2e;

/** Used for each folder again; it grows with the largest one. */
let records = fixedMemory(1 << 15);

function read({ getdents64, lseek }: Calls, folder: number): FolderNameList | undefined {
  // Another folder mostly, but perhaps the same once more.
  if (Number(lseek(folder, 0, SEEK_SET)) !== 0) return undefined;
  let length = 0;
  for (;;) {
    if (records.length - length < LONGEST_RECORD) records = grown(records);
    const found = Number(getdents64(folder, ptr(records, length), records.length - length));
    if (found < 0) return undefined;
    if (found === 0) return new Records(records, length);
    length += found;
  }
}

function grown(bytes: Buffer): typeof records {
  const larger = fixedMemory(bytes.length * 2);
  bytes.copy(larger);
  return larger;
}

class Records implements FolderNameList {
  readonly count: number;
  readonly #bytes: Buffer;
  readonly #length: number;
  /** Some name begins with a dot, besides `.` and `..`: most folders have none, and are asked for such names. */
  readonly #hasDotNames: boolean;

  constructor(bytes: Buffer, length: number) {
    this.#bytes = bytes;
    this.#length = length;
    let count = 0;
    let dots = 0;
    let itself = 0;
    for (let at = 0; at < length;) {
      count++;
      if (bytes[at + NAME_AT] === DOT) {
        dots++;
        if (isDots(bytes, at + NAME_AT)) itself++;
      }
      at = nextRecord(bytes, at);
    }
    this.count = count - itself;
    this.#hasDotNames = dots > itself;
  }

  has(name: string): boolean {
    if (name === "." || name === ".." || (name.startsWith(".") && !this.#hasDotNames)) return false;
    for (let at = 0; at < this.#length; at = nextRecord(this.#bytes, at))
      if (this.#is(at + NAME_AT, name)) return true;
    return false;
  }

  names(): string[] {
    return this.#namesWhere(() => true);
  }

  folders(): string[] {
    return this.#namesWhere((type) => type === DT_DIR || type === DT_UNKNOWN);
  }

  #namesWhere(isWanted: (type: number | undefined) => boolean): string[] {
    const names: string[] = [];
    for (let at = 0; at < this.#length; at = nextRecord(this.#bytes, at)) {
      const start = at + NAME_AT;
      if (!isWanted(this.#bytes[at + TYPE_AT]) || isDots(this.#bytes, start)) continue;
      names.push(this.#bytes.toString("latin1", start, this.#bytes.indexOf(0, start)));
    }
    return names;
  }

  #is(start: number, name: string): boolean {
    const bytes = this.#bytes;
    for (let byte = 0; byte < name.length; byte++)
      if (bytes[start + byte] !== name.charCodeAt(byte)) return false;
    return bytes[start + name.length] === 0;
  }
}

/** @throws RangeError for a record that can not be */
function nextRecord(bytes: Buffer, at: number): number {
  const length = (bytes[at + LENGTH_AT] ?? 0) | ((bytes[at + LENGTH_AT + 1] ?? 0) << 8);
  if (length === 0) throw new RangeError("a record without length");
  return at + length;
}

/** True for the folder itself and the one above it. */
function isDots(bytes: Buffer, name: number): boolean {
  if (bytes[name] !== DOT) return false;
  return bytes[name + 1] === 0 || (bytes[name + 1] === DOT && bytes[name + 2] === 0);
}
