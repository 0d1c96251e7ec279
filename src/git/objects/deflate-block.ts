import type { ObjectKind } from "../model.ts";
import { EntryBuffer } from "./entry-buffer.ts";

/** Large enough to make a turn to the other thread (20 us) unimportant, small enough to share the last ones fairly. */
const CONTENT_BYTES = 256 * 1024;
const MOST_OBJECTS = 512;
/** What does not compress grows by 5 bytes in 5,000, and an entry's frame takes up to 24. */
const ENTRY_BYTES = CONTENT_BYTES + CONTENT_BYTES / 512 + MOST_OBJECTS * 32;
/** Of one object, in the table: kind, length of its content, length of its entry, CRC-32 of its entry. */
const COLUMNS = 4;
const TABLE_BYTES = (1 + MOST_OBJECTS * COLUMNS) * Int32Array.BYTES_PER_ELEMENT;

/** Bytes of shared memory that one block takes; a multiple of four. */
export const BLOCK_BYTES = TABLE_BYTES + CONTENT_BYTES + ENTRY_BYTES;

const KINDS: readonly ObjectKind[] = ["blob", "tree", "commit", "tag"];

/**
 * Some objects in memory that two threads share: one puts their content in, either makes pack entries of it. Who may
 * touch it when is for the callers to settle.
 */
export class DeflateBlock {
  /** The number of objects, then `COLUMNS` for each. */
  readonly #table: Int32Array;
  readonly #content: Buffer;
  readonly #output: Buffer;
  #used = 0;

  constructor(shared: SharedArrayBuffer, offset: number) {
    this.#table = new Int32Array(shared, offset, TABLE_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.#content = Buffer.from(shared, offset + TABLE_BYTES, CONTENT_BYTES);
    this.#output = Buffer.from(shared, offset + TABLE_BYTES + CONTENT_BYTES, ENTRY_BYTES);
  }

  /** False when no block can take so much at all. */
  static takes(bytes: Uint8Array): boolean {
    return bytes.length <= CONTENT_BYTES;
  }

  get count(): number {
    return this.#table[0] ?? 0;
  }

  clear(): void {
    this.#table[0] = 0;
    this.#used = 0;
  }

  /** Returns false when it is full. */
  add(kind: ObjectKind, bytes: Uint8Array): boolean {
    const { count } = this;
    if (count === MOST_OBJECTS || this.#used + bytes.length > CONTENT_BYTES) return false;
    this.#content.set(bytes, this.#used);
    this.#used += bytes.length;
    this.#table.set([KINDS.indexOf(kind), bytes.length], 1 + count * COLUMNS);
    this.#table[0] = count + 1;
    return true;
  }

  /** Makes the entries in the shared memory. */
  deflate(): void {
    this.deflateInto(new EntryBuffer(this.#output));
  }

  deflateInto(entries: EntryBuffer): void {
    let from = 0;
    for (let row = 1; row < 1 + this.count * COLUMNS; row += COLUMNS) {
      const kind = KINDS[this.#table[row] ?? 0] ?? "blob";
      const to = from + (this.#table[row + 1] ?? 0);
      const start = entries.length;
      const crc = entries.add(kind, this.#content.subarray(from, to));
      this.#table.set([entries.length - start, crc | 0], row + 2);
      from = to;
    }
  }

  /** Length and CRC-32 of an entry, once they are made. */
  entry(object: number): { readonly length: number; readonly crc: number } {
    const row = 1 + object * COLUMNS;
    return { length: this.#table[row + 2] ?? 0, crc: (this.#table[row + 3] ?? 0) >>> 0 };
  }

  /** All entries, once they are made in the shared memory. */
  entries(): Buffer {
    let length = 0;
    for (let object = 0; object < this.count; object++) length += this.entry(object).length;
    return this.#output.subarray(0, length);
  }
}
