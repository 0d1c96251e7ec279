/** Writes the bytes of git's index file: version 2, or 3 when an entry has extended flags. */
import { FIELDS, OID_BYTES } from "./index-columns.ts";
import { renderCachedTrees } from "./cached-trees.ts";
import type { IndexTable } from "./index-table.ts";

const HEADER_BYTES = 12;
const EXTENDED = 0x4000;
const TURNED_AT_ONCE = 1000;
const NAME_LENGTH = 0x0fff;

/** Cached trees that no longer cover exactly the entries below them must have been dropped before. */
export function serializeIndex(index: IndexTable): Buffer {
  const { paths, fields, oids, flags, extended } = index.columns;
  const hasExtended = extended.some((word) => word !== 0);
  const trees = renderCachedTrees(index.cachedTrees);
  let size = HEADER_BYTES + (trees === undefined ? 0 : 8 + trees.length) + OID_BYTES;
  for (let position = 0; position < paths.length; position++)
    size += entryBytes(paths[position] ?? "", extended[position] ?? 0);

  const bytes = Buffer.alloc(size);
  bytes.write("DIRC", "latin1");
  bytes.writeUInt32BE(hasExtended ? 3 : 2, 4);
  bytes.writeUInt32BE(paths.length, 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const numbers = new FileNumbers(fields);
  let at = HEADER_BYTES;
  for (let position = 0; position < paths.length; position++) {
    const path = paths[position] ?? "";
    const word = extended[position] ?? 0;
    numbers.copy(position, bytes, at);
    const nameLength = Math.min(path.length, NAME_LENGTH);
    let to = at + FIELDS * 4;
    to += oids.copy(bytes, to, position * OID_BYTES, (position + 1) * OID_BYTES);
    view.setUint16(to, (flags[position] ?? 0) | (word === 0 ? 0 : EXTENDED) | nameLength);
    to += 2;
    if (word !== 0) {
      view.setUint16(to, word);
      to += 2;
    }
    bytes.write(path, to, "latin1");
    at += entryBytes(path, word);
  }
  if (trees !== undefined) {
    bytes.write("TREE", at, "latin1");
    view.setUint32(at + 4, trees.length);
    trees.copy(bytes, at + 8);
    at += 8 + trees.length;
  }
  new Bun.CryptoHasher("sha1").update(bytes.subarray(0, at)).digest().copy(bytes, at);
  return bytes;
}

/** The numbers of entries in the file's byte order, turned for a thousand entries by one call instead of ten for each. */
class FileNumbers {
  readonly #fields: Uint32Array;
  readonly #turned = Buffer.alloc(TURNED_AT_ONCE * FIELDS * 4);
  #from = 0;
  #to = 0;

  constructor(fields: Uint32Array) {
    this.#fields = fields;
  }

  /** To be asked for rising positions. */
  copy(position: number, target: Buffer, at: number): void {
    if (position >= this.#to) this.#turn(position);
    const start = (position - this.#from) * FIELDS * 4;
    this.#turned.copy(target, at, start, start + FIELDS * 4);
  }

  #turn(from: number): void {
    this.#from = from;
    this.#to = from + TURNED_AT_ONCE;
    const { buffer, byteOffset } = this.#turned;
    const some = this.#fields.subarray(from * FIELDS, this.#to * FIELDS);
    new Uint32Array(buffer, byteOffset, TURNED_AT_ONCE * FIELDS).set(some);
    this.#turned.swap32();
  }
}

function entryBytes(path: string, extended: number): number {
  const length = FIELDS * 4 + OID_BYTES + 2 + (extended === 0 ? 0 : 2) + path.length;
  // One to eight NULs end the path and fill up to a multiple of eight.
  return (length + 8) & ~7;
}
