import type { ObjectReader, Oid, RepoPath, TreeEntry } from "../model.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { compareTreeEntries, nextTreeEntry } from "./tree-object.ts";

/** The NUL behind an entry's name, and its object's name. */
const OID_AND_NUL = 21;

/** What each tree has under one name, in the trees' order. */
export type EntryRow = (TreeEntry | undefined)[];

/**
 * Compares trees as bytes and returns what is not the same in all of them, by name. What is equal is stepped over without
 * being decoded, as much at once as there is: of 100 entries in a folder 99 are, and decoding them took most of a
 * fast-forward's planning. Trees that are not sorted as git sorts them give some rows of equal entries, too.
 * @param trees undefined stands for a tree without entries
 * @throws LullError `OBJECT_MISSING` or `OBJECT_CORRUPT`, the latter also when an object is no tree
 */
export function differingEntries(
  reader: Pick<ObjectReader, "read">,
  trees: readonly (Oid | undefined)[],
): Map<RepoPath, EntryRow> {
  const cursors = trees.map((oid) => new TreeCursor(reader, oid));
  const rows = new Map<RepoPath, EntryRow>();
  const [first] = cursors;
  if (first === undefined) return rows;
  for (;;) {
    stepOverEqual(first, cursors);
    const least = leastEntry(cursors);
    if (least === undefined) return rows;
    let row = rows.get(least.name);
    if (row === undefined) rows.set(least.name, (row = trees.map(() => undefined)));
    for (let place = 0; place < cursors.length; place++) {
      const cursor = cursors[place];
      const entry = cursor?.entry;
      if (cursor === undefined || entry === undefined || !isAlike(entry, least)) continue;
      row[place] = entry;
      cursor.advance();
    }
  }
}

/** Steps over the entries that are the same in all trees, up to the first that is not. */
function stepOverEqual(first: TreeCursor, cursors: readonly TreeCursor[]): void {
  let same = first.left;
  for (const cursor of cursors) if (cursor !== first && same > 0) same = first.sameBytes(cursor, same);
  const length = first.wholeEntries(same);
  if (length > 0) for (const cursor of cursors) cursor.skip(length);
}

function leastEntry(cursors: readonly TreeCursor[]): TreeEntry | undefined {
  let least: TreeEntry | undefined;
  for (const { entry } of cursors)
    if (entry !== undefined && (least === undefined || compareTreeEntries(entry, least) < 0)) least = entry;
  return least;
}

/** Whether both belong at one place of a tree. */
function isAlike(a: TreeEntry, b: TreeEntry): boolean {
  return a === b || compareTreeEntries(a, b) === 0;
}

const NO_BYTES = Buffer.alloc(0);
/** One call of compiled code compares so many bytes; what differs is then narrowed down. */
const BLOCK = 512;

/** Stands on one entry of a tree, or at its end. */
class TreeCursor {
  readonly #oid: Oid | undefined;
  readonly #bytes: Buffer;
  #start = 0;
  /** Of the entry, once it is decoded. */
  #end = 0;
  #entry: TreeEntry | undefined;

  constructor(reader: Pick<ObjectReader, "read">, oid: Oid | undefined) {
    this.#oid = oid;
    this.#bytes = NO_BYTES;
    if (oid !== undefined) {
      const { kind, bytes } = reader.read(oid);
      if (kind !== "tree") throw objectCorrupt(oid, `it is a ${kind} where a tree must be`);
      this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
  }

  /** Undefined at the end. */
  get entry(): TreeEntry | undefined {
    if (this.#entry === undefined && this.#start < this.#bytes.length) this.#entry = this.#decode();
    return this.#entry;
  }

  /** Bytes from here to the end. */
  get left(): number {
    return this.#bytes.length - this.#start;
  }

  /** How many bytes from here on are the same in both, `most` at most. */
  sameBytes(other: TreeCursor, most: number): number {
    const end = Math.min(most, other.left);
    let same = 0;
    while (same < end && this.#isSame(other, same, Math.min(same + BLOCK, end))) same += BLOCK;
    // The first difference is in this block.
    for (let size = Math.min(BLOCK, end - same) >> 1; size > 0; size >>= 1)
      while (same + size <= end && this.#isSame(other, same, same + size)) same += size;
    return Math.min(same, end);
  }

  /** The length of the entries from here on that end within so many bytes. */
  wholeEntries(length: number): number {
    const limit = this.#start + length;
    let end = this.#start;
    while (end < limit) {
      const name = this.#bytes.indexOf(0, end);
      // What is cut off is for the decoder to name.
      if (name < 0 || name + OID_AND_NUL > limit) break;
      end = name + OID_AND_NUL;
    }
    return end - this.#start;
  }

  /** @param length as `wholeEntries` gave it */
  skip(length: number): void {
    this.#start += length;
    this.#entry = undefined;
  }

  /** To the entry after the one that was decoded. */
  advance(): void {
    this.#start = this.#end;
    this.#entry = undefined;
  }

  #isSame(other: TreeCursor, from: number, to: number): boolean {
    const [here, there] = [this.#start, other.#start];
    return this.#bytes.compare(other.#bytes, there + from, there + to, here + from, here + to) === 0;
  }

  #decode(): TreeEntry {
    try {
      const { mode, nameStart, nameEnd, end } = nextTreeEntry(this.#bytes, this.#start);
      this.#end = end;
      return {
        mode,
        name: this.#bytes.toString("latin1", nameStart, nameEnd),
        oid: this.#bytes.toString("hex", nameEnd + 1, end),
      };
    } catch (error) {
      if (!(error instanceof DamagedData) || this.#oid === undefined) throw error;
      throw objectCorrupt(this.#oid, error.message, error);
    }
  }
}
