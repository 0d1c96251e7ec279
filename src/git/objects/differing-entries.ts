import type { ObjectReader, Oid, RepoPath, TreeEntry } from "../model.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { compareTreeEntries, nextTreeEntry } from "./tree-object.ts";

/** What each tree has under one name, in the trees' order. */
export type EntryRow = (TreeEntry | undefined)[];

/**
 * Compares trees as bytes and returns what is not the same in all of them, by name. Equal entries are stepped over
 * without being decoded: of 100 entries in a folder 99 are, and decoding them took most of a fast-forward's planning.
 * Trees that are not sorted as git sorts them give some rows of equal entries, too.
 * @param trees undefined stands for a tree without entries
 * @throws LullError `OBJECT_MISSING` or `OBJECT_CORRUPT`, the latter also when an object is no tree
 */
export function differingEntries(
  reader: ObjectReader,
  trees: readonly (Oid | undefined)[],
): Map<RepoPath, EntryRow> {
  const cursors = trees.map((oid) => new TreeCursor(reader, oid));
  const rows = new Map<RepoPath, EntryRow>();
  const [first] = cursors;
  if (first === undefined) return rows;
  for (;;) {
    while (cursors.every((cursor) => cursor.isAtSame(first))) for (const cursor of cursors) cursor.advance();
    const least = cursors.reduce<TreeEntry | undefined>((so, { entry }) => earlier(so, entry), undefined);
    if (least === undefined) return rows;
    for (const [place, cursor] of cursors.entries()) {
      const { entry } = cursor;
      if (entry === undefined || compareTreeEntries(entry, least) !== 0) continue;
      const row = rows.get(entry.name) ?? Array.from<TreeEntry | undefined>({ length: trees.length });
      row[place] = entry;
      rows.set(entry.name, row);
      cursor.advance();
    }
  }
}

function earlier(a: TreeEntry | undefined, b: TreeEntry | undefined): TreeEntry | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return compareTreeEntries(b, a) < 0 ? b : a;
}

const NO_BYTES = Buffer.alloc(0);

/** Stands on one entry of a tree, or at its end. */
class TreeCursor {
  readonly #oid: Oid | undefined;
  readonly #bytes: Buffer;
  #start = 0;
  #end = 0;
  #entry: TreeEntry | undefined;

  constructor(reader: ObjectReader, oid: Oid | undefined) {
    this.#oid = oid;
    this.#bytes = NO_BYTES;
    if (oid !== undefined) {
      const { kind, bytes } = reader.read(oid);
      if (kind !== "tree") throw objectCorrupt(oid, `it is a ${kind} where a tree must be`);
      this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    }
    this.advance();
  }

  /** Undefined at the end. */
  get entry(): TreeEntry | undefined {
    if (this.#end > this.#start) this.#entry ??= this.#decode();
    return this.#entry;
  }

  /** Whether both stand on entries with the same bytes; false at the end. */
  isAtSame(other: TreeCursor): boolean {
    return (
      this.#end > this.#start &&
      this.#end - this.#start === other.#end - other.#start &&
      this.#bytes.compare(other.#bytes, other.#start, other.#end, this.#start, this.#end) === 0
    );
  }

  advance(): void {
    this.#entry = undefined;
    this.#start = this.#end;
    if (this.#start >= this.#bytes.length) return;
    const name = this.#bytes.indexOf(0, this.#start);
    // What is cut off is for the decoder to name.
    this.#end = name < 0 ? this.#bytes.length : Math.min(name + 21, this.#bytes.length);
  }

  #decode(): TreeEntry {
    try {
      const { mode, nameStart, nameEnd, end } = nextTreeEntry(this.#bytes, this.#start);
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
