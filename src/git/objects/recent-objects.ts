import type { GitObject, ObjectKind, Oid } from "../model.ts";
import { OidTable } from "./oid-table.ts";

export type RecentObjectsInput = {
  /** 20 bytes for each entry of a pack. */
  readonly names: Buffer;
  readonly kindOf: (entry: number) => ObjectKind;
  readonly contentOf: (entry: number) => Buffer | undefined;
  /** Where most of the contents lie. */
  readonly shared: SharedArrayBuffer;
};

const OID_BYTES = 20;

/**
 * The objects of a pack that was just taken in, as far as they are still in memory: whoever fetches reads them next. Their
 * names were computed from these very bytes. Inflating them again took a third of a clone's time.
 */
export class RecentObjects {
  readonly #input: RecentObjectsInput;
  /** Made when first needed. */
  #names: OidTable | undefined;
  /** By number in `#names`; a sender may repeat an object. */
  #entries = new Int32Array(0);

  constructor(input: RecentObjectsInput) {
    this.#input = input;
  }

  /** The bytes are shared: for reading only. */
  get(oid: Oid): GitObject | undefined {
    const entry = this.#entryOf(oid);
    const bytes = entry === undefined ? undefined : this.#input.contentOf(entry);
    return entry === undefined || bytes === undefined
      ? undefined
      : { kind: this.#input.kindOf(entry), bytes };
  }

  /** The memory in which most of them lie, for other threads; nothing in it changes any more. */
  get shared(): SharedArrayBuffer {
    return this.#input.shared;
  }

  /** Where an object lies in `shared`. */
  placeOf(oid: Oid): { readonly at: number; readonly size: number } | undefined {
    const entry = this.#entryOf(oid);
    const bytes = entry === undefined ? undefined : this.#input.contentOf(entry);
    return bytes?.buffer === this.shared ? { at: bytes.byteOffset, size: bytes.length } : undefined;
  }

  #entryOf(oid: Oid): number | undefined {
    const names = (this.#names ??= this.#index());
    const number = names.findOid(oid);
    return number < 0 ? undefined : this.#entries[number];
  }

  #index(): OidTable {
    const { names } = this.#input;
    const table = new OidTable();
    const count = names.length / OID_BYTES;
    this.#entries = new Int32Array(count);
    for (let entry = 0; entry < count; entry++) this.#entries[table.add(names, entry * OID_BYTES)] = entry;
    return table;
  }
}
