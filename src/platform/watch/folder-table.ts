/**
 * The watched folders, 50,000 of them in 2 MB: numbers in columns and names in one run of bytes, where an object for
 * each would take five times that. A folder is known by its row; rows of removed folders are given out again.
 */

import { RowIndex } from "./row-index.ts";

/** What is no row. */
export const NONE = -1;

/** Marks a free row in the column of trees; the next free one stands in the column of parents. */
const FREE = 0xffff;
/** Trees are counted in 16 bits. */
export const MOST_TREES = FREE;
const FIRST_ROWS = 256;
const FIRST_NAME_BYTES = 4096;

export type NewFolder = {
  readonly tree: number;
  /** `NONE` for the tree's own folder. */
  readonly parent: number;
  /** As bytes in latin1, without a slash. */
  readonly name: string;
  readonly watch: number;
};

export class FolderTable {
  #parents = new Int32Array(FIRST_ROWS);
  #watches = new Int32Array(FIRST_ROWS);
  /** The next row with the same watch: one folder may be part of two sources. */
  #alike = new Int32Array(FIRST_ROWS);
  #nameAt = new Uint32Array(FIRST_ROWS);
  #nameLength = new Uint8Array(FIRST_ROWS);
  #trees = new Uint16Array(FIRST_ROWS);
  #names = Buffer.from(new ArrayBuffer(FIRST_NAME_BYTES));
  #nameEnd = 0;
  #namesInUse = 0;
  /** Rows that were ever in use. */
  #rows = 0;
  #free = NONE;
  readonly #firstOf = new RowIndex((row) => this.watchOf(row));

  /** The watch must not have a row in this tree yet. */
  add({ tree, parent, name, watch }: NewFolder): number {
    const row = this.#newRow();
    this.#parents[row] = parent;
    this.#watches[row] = watch;
    this.#trees[row] = tree;
    this.#putName(row, name);
    this.#alike[row] = this.#firstOf.find(watch);
    this.#firstOf.set(watch, row);
    return row;
  }

  /** @returns true when no row has its watch any more */
  remove(row: number): boolean {
    const watch = this.watchOf(row);
    const rest = this.rowsOf(watch).filter((other) => other !== row);
    this.#chain(watch, rest);
    this.#namesInUse -= this.#nameLength[row] ?? 0;
    this.#trees[row] = FREE;
    this.#parents[row] = this.#free;
    this.#free = row;
    return rest.length === 0;
  }

  /** Mostly one row; none for a watch that is no longer known. */
  rowsOf(watch: number): number[] {
    const rows: number[] = [];
    for (let row = this.#firstOf.find(watch); row !== NONE; row = this.#alike[row] ?? NONE) rows.push(row);
    return rows;
  }

  rowIn(tree: number, watch: number): number {
    for (let row = this.#firstOf.find(watch); row !== NONE; row = this.#alike[row] ?? NONE)
      if (this.#trees[row] === tree) return row;
    return NONE;
  }

  treeOf(row: number): number {
    return this.#trees[row] ?? FREE;
  }

  /** `NONE` for a tree's own folder. */
  parentOf(row: number): number {
    return this.#parents[row] ?? NONE;
  }

  watchOf(row: number): number {
    return this.#watches[row] ?? NONE;
  }

  isRoot(row: number): boolean {
    return this.#parents[row] === NONE;
  }

  isChild(row: number, parent: number, name: string): boolean {
    return this.#parents[row] === parent && this.#nameIs(row, Buffer.from(name, "latin1"));
  }

  /** Below the tree's folder; "" for that itself. */
  pathOf(row: number): string {
    let path = "";
    for (let at = row; !this.isRoot(at); at = this.#parents[at] ?? NONE)
      path = path === "" ? this.#nameOf(at) : `${this.#nameOf(at)}/${path}`;
    return path;
  }

  /** The row of a folder by its name in another, or `NONE`. */
  childOf(parent: number, name: string): number {
    const wanted = Buffer.from(name, "latin1");
    for (let row = this.#parents.indexOf(parent); row !== -1 && row < this.#rows;) {
      if (this.#trees[row] !== FREE && this.#nameIs(row, wanted)) return row;
      row = this.#parents.indexOf(parent, row + 1);
    }
    return NONE;
  }

  /** A folder's row and those of all folders below it. */
  below(top: number): number[] {
    if (!this.#parents.includes(top)) return [top];
    const tree = this.#trees[top];
    const inside = new Uint8Array(this.#rows);
    inside[top] = 1;
    const rows = [top];
    // A parent's row may come behind its child's: rows are given out again.
    for (let found = 0; found !== rows.length;) {
      found = rows.length;
      for (let row = 0; row < this.#rows; row++) {
        if (this.#trees[row] !== tree || inside[row] === 1) continue;
        const parent = this.#parents[row] ?? NONE;
        if (parent === NONE || inside[parent] !== 1) continue;
        inside[row] = 1;
        rows.push(row);
      }
    }
    return rows;
  }

  allOf(tree: number): number[] {
    const rows: number[] = [];
    for (let row = 0; row < this.#rows; row++) if (this.#trees[row] === tree) rows.push(row);
    return rows;
  }

  #chain(watch: number, rows: readonly number[]): void {
    const [first] = rows;
    if (first === undefined) this.#firstOf.delete(watch);
    else this.#firstOf.set(watch, first);
    for (const [place, row] of rows.entries()) this.#alike[row] = rows[place + 1] ?? NONE;
  }

  #newRow(): number {
    if (this.#free !== NONE) {
      const row = this.#free;
      this.#free = this.#parents[row] ?? NONE;
      return row;
    }
    if (this.#rows === this.#parents.length) this.#grow();
    return this.#rows++;
  }

  #grow(): void {
    // By half: what is not filled is memory too.
    const rows = Math.ceil(this.#rows * 1.5);
    this.#parents = larger(this.#parents, new Int32Array(rows));
    this.#watches = larger(this.#watches, new Int32Array(rows));
    this.#alike = larger(this.#alike, new Int32Array(rows));
    this.#nameAt = larger(this.#nameAt, new Uint32Array(rows));
    this.#nameLength = larger(this.#nameLength, new Uint8Array(rows));
    this.#trees = larger(this.#trees, new Uint16Array(rows));
  }

  #nameOf(row: number): string {
    const at = this.#nameAt[row] ?? 0;
    return this.#names.toString("latin1", at, at + (this.#nameLength[row] ?? 0));
  }

  #nameIs(row: number, name: Buffer): boolean {
    if (this.#nameLength[row] !== name.length) return false;
    const at = this.#nameAt[row] ?? 0;
    return this.#names.compare(name, 0, name.length, at, at + name.length) === 0;
  }

  #putName(row: number, name: string): void {
    if (this.#nameEnd + name.length > this.#names.length) this.#makeRoom(row, name.length);
    this.#nameAt[row] = this.#nameEnd;
    this.#nameLength[row] = this.#names.write(name, this.#nameEnd, "latin1");
    this.#nameEnd += name.length;
    this.#namesInUse += name.length;
  }

  /** Moves the names that are in use together, into more memory if they fill most of it. */
  #makeRoom(newRow: number, bytes: number): void {
    const needed = this.#namesInUse + bytes;
    const size = Math.max(this.#names.length, Math.ceil(needed * 1.5));
    const names = Buffer.from(new ArrayBuffer(size));
    let end = 0;
    for (let row = 0; row < this.#rows; row++) {
      if (row === newRow || this.#trees[row] === FREE) continue;
      const at = this.#nameAt[row] ?? 0;
      const length = this.#nameLength[row] ?? 0;
      this.#names.copy(names, end, at, at + length);
      this.#nameAt[row] = end;
      end += length;
    }
    this.#names = names;
    this.#nameEnd = end;
  }
}

function larger<T extends Int32Array | Uint32Array | Uint16Array | Uint8Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
