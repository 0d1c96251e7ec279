/** Writes the bytes of git's index file: version 2, or 3 when an entry has extended flags. */
import { FIELDS, OID_BYTES } from "./index-columns.ts";
import { renderCachedTrees } from "./cached-trees.ts";
import type { IndexTable } from "./index-table.ts";

const HEADER_BYTES = 12;
const EXTENDED = 0x4000;
const NAME_LENGTH = 0x0fff;

/** Cached trees that no longer cover exactly the entries below them must have been dropped before. */
export function serializeIndex(index: IndexTable): Buffer {
  const { paths, fields, oids, flags, extended } = index.columns;
  const hasExtended = extended.some((word) => word !== 0);
  const trees = renderCachedTrees(index.cachedTrees);
  let size = HEADER_BYTES + (trees === undefined ? 0 : 8 + trees.length) + OID_BYTES;
  for (const [position, path] of paths.entries()) size += entryBytes(path, extended[position] ?? 0);

  const bytes = Buffer.alloc(size);
  bytes.write("DIRC", "latin1");
  bytes.writeUInt32BE(hasExtended ? 3 : 2, 4);
  bytes.writeUInt32BE(paths.length, 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // Turned to the file's byte order all at once: ten calls less for each entry.
  const numbers = Buffer.from(fields.slice().buffer).swap32();
  let at = HEADER_BYTES;
  for (const [position, path] of paths.entries()) {
    const word = extended[position] ?? 0;
    numbers.copy(bytes, at, position * FIELDS * 4, (position + 1) * FIELDS * 4);
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

function entryBytes(path: string, extended: number): number {
  const length = FIELDS * 4 + OID_BYTES + 2 + (extended === 0 ? 0 : 2) + path.length;
  // One to eight NULs end the path and fill up to a multiple of eight.
  return (length + 8) & ~7;
}
