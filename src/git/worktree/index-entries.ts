/**
 * The entries of an index as they lie in the file (version 2 or 3), conflict stages left out. Nothing is made for an
 * entry until somebody asks: as objects, 50,000 entries cost more time and memory than everything else in a scan, and
 * as columns of numbers still a third of it.
 */
import { fixedMemory } from "../../base/fixed-memory.ts";
import {
  EXTENDED_BYTES,
  EXTENDED_FLAG,
  FIELD,
  FLAG,
  FLAGS_WORD,
  HEADER_BYTES,
  OID_AT,
  OID_BYTES,
  PATH_AT,
} from "./index-layout.ts";
import type { FileMode, Oid, RepoPath } from "../model.ts";

export type EntryPlaces = {
  /** Where each entry begins, in words of four bytes; one number more for the end of the last one. */
  readonly starts: Uint32Array;
  /** Where the last name of each path begins, in bytes. */
  readonly names: Uint32Array;
  /** Some entry may have extended flags. */
  readonly mayBeExtended: boolean;
};

export class IndexEntries {
  readonly count: number;
  /** The file up to the end of the last entry, over memory that stays where it is; for reading only. */
  readonly image: Buffer;
  /** The words of the image as this processor reads them, which is the wrong way round; for reading only. */
  readonly words: Int32Array;
  readonly starts: Uint32Array;
  readonly names: Uint32Array;
  readonly mayBeExtended: boolean;
  /** What the last search found. */
  #last = 0;

  /** @param image see `ownCopy` */
  constructor(image: Buffer, { starts, names, mayBeExtended }: EntryPlaces) {
    this.count = names.length;
    this.image = image;
    this.words = new Int32Array(image.buffer, image.byteOffset, image.length / 4);
    this.starts = starts;
    this.names = names;
    this.mayBeExtended = mayBeExtended;
  }

  /** @param field of `FIELD` */
  field(position: number, field: number): number {
    return turned(this.words[this.#start(position) + field] ?? 0);
  }

  mode(position: number): FileMode {
    return this.field(position, FIELD.mode) as FileMode;
  }

  oid(position: number): Oid {
    const at = this.oidAt(position);
    return this.image.toString("hex", at, at + OID_BYTES);
  }

  /** Where the object's name begins in the image. */
  oidAt(position: number): number {
    return this.#start(position) * 4 + OID_AT;
  }

  isAssumeValid(position: number): boolean {
    return ((this.field(position, FLAGS_WORD) >>> 16) & FLAG.assumeValid) !== 0;
  }

  isSkipWorktree(position: number): boolean {
    return (this.extendedFlags(position) & EXTENDED_FLAG.skipWorktree) !== 0;
  }

  isIntentToAdd(position: number): boolean {
    return (this.extendedFlags(position) & EXTENDED_FLAG.intentToAdd) !== 0;
  }

  extendedFlags(position: number): number {
    if (!this.mayBeExtended) return 0;
    const word = this.field(position, FLAGS_WORD);
    return ((word >>> 16) & FLAG.extended) === 0 ? 0 : word & 0xffff;
  }

  path(position: number): RepoPath {
    return this.image.toString("latin1", this.pathAt(position), this.pathEnd(position));
  }

  /** Where the path begins in the image. */
  pathAt(position: number): number {
    const at = this.#start(position) * 4 + PATH_AT;
    if (!this.mayBeExtended) return at;
    const flags = this.field(position, FLAGS_WORD) >>> 16;
    return (flags & FLAG.extended) === 0 ? at : at + EXTENDED_BYTES;
  }

  pathEnd(position: number): number {
    const length = (this.field(position, FLAGS_WORD) >>> 16) & FLAG.nameLength;
    const from = this.pathAt(position);
    return length < FLAG.nameLength ? from + length : this.image.indexOf(0, from);
  }

  /** How long the path is up to its last name: 0 in the root, otherwise with the slash. */
  nameStart(position: number): number {
    return (this.names[position] ?? 0) - this.pathAt(position);
  }

  /** The first position from `at` on, at most `to`, whose path is not as long as this up to its last name. */
  endOfFiles(at: number, to: number, nameStart: number): number {
    const { names, starts } = this;
    let end = at;
    if (this.mayBeExtended) {
      while (end < to && this.nameStart(end) === nameStart) end++;
    } else {
      const offset = PATH_AT + nameStart;
      while (end < to && names[end] === (starts[end] ?? 0) * 4 + offset) end++;
    }
    return end;
  }

  /** The last name of the path. */
  name(position: number): RepoPath {
    return this.image.toString("latin1", this.names[position], this.pathEnd(position));
  }

  /** Negative, zero or positive: the entry's path comes before, is, or comes after this one in byte order. */
  compare(position: number, path: RepoPath): number {
    const { image } = this;
    const at = this.pathAt(position);
    for (let byte = 0; byte < path.length; byte++) {
      const difference = (image[at + byte] ?? 0) - path.charCodeAt(byte);
      if (difference !== 0) return difference;
    }
    return image[at + path.length] ?? 0;
  }

  startsWith(position: number, path: RepoPath): boolean {
    if (position >= this.count) return false;
    const at = this.pathAt(position);
    for (let byte = 0; byte < path.length; byte++)
      if (this.image[at + byte] !== path.charCodeAt(byte)) return false;
    return true;
  }

  /** @returns the first position, from `from` on, whose path is not before `path` */
  lowerBound(path: RepoPath, from = 0): number {
    const last = this.#last;
    if (last >= from && this.#isLowerBound(last, path, from)) return last;
    return (this.#last = this.#lowerBound(path, from, this.count));
  }

  /** A checkout asks for each of its paths several times in a row. */
  #isLowerBound(position: number, path: RepoPath, from: number): boolean {
    return (
      position < this.count &&
      this.compare(position, path) >= 0 &&
      (position === from || this.compare(position - 1, path) < 0)
    );
  }

  /** As `lowerBound`, and quicker for what is near `from`. */
  lowerBoundNear(path: RepoPath, from: number): number {
    let low = from;
    let high = from;
    for (let step = 1; high < this.count && this.compare(high, path) < 0; step *= 2) {
      low = high + 1;
      high += step;
    }
    return this.#lowerBound(path, low, Math.min(high, this.count));
  }

  #lowerBound(path: RepoPath, from: number, to: number): number {
    let low = from;
    let high = to;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(middle, path) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The same entries, some of them with a size of zero. */
  withoutSizes(positions: readonly number[]): IndexEntries {
    const image = ownCopy(this.image);
    const entries = new IndexEntries(image, this);
    for (const position of positions) entries.words[this.#start(position) + FIELD.size] = 0;
    return entries;
  }

  #start(position: number): number {
    if (position >= this.count || position < 0)
      throw new RangeError(`index position ${position} of ${this.count}`);
    return this.starts[position] ?? 0;
  }
}

export function noEntries(): IndexEntries {
  const starts = Uint32Array.of(HEADER_BYTES / 4);
  const places = { starts, names: new Uint32Array(0), mayBeExtended: false };
  return new IndexEntries(fixedMemory(HEADER_BYTES), places);
}

/** A word as the file means it. */
export function turned(word: number): number {
  return ((word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24)) >>> 0;
}

/** A copy in memory of its own, for pointers to it. */
export function ownCopy(bytes: Uint8Array, length = bytes.length): Buffer {
  const copy = fixedMemory(length);
  copy.set(bytes.subarray(0, length));
  return copy;
}
