/** Writes the bytes of git's index file: version 2, or 3 when an entry has extended flags. */
import { renderCachedTrees } from "./cached-trees.ts";
import { FLAG, FLAGS_WORD, HEADER_BYTES, OID_BYTES } from "./index-layout.ts";
import type { IndexEntries } from "./index-entries.ts";
import type { IndexTable } from "./index-table.ts";

/** Of an extension: its name and its length. */
const EXTENSION_HEADER_BYTES = 8;

/** Cached trees that no longer cover exactly the entries below them must have been dropped before. */
export function serializeIndex(index: IndexTable): Buffer {
  const { entries } = index;
  const trees = renderCachedTrees(index.cachedTrees);
  const treeBytes = trees === undefined ? 0 : EXTENSION_HEADER_BYTES + trees.length;
  const bytes = Buffer.allocUnsafe(entries.image.length + treeBytes + OID_BYTES);
  let at = entries.image.copy(bytes, HEADER_BYTES, HEADER_BYTES) + HEADER_BYTES;
  bytes.write("DIRC", "latin1");
  bytes.writeUInt32BE(hasExtendedFlags(entries) ? 3 : 2, 4);
  bytes.writeUInt32BE(entries.count, 8);
  if (trees !== undefined) {
    bytes.write("TREE", at, "latin1");
    bytes.writeUInt32BE(trees.length, at + 4);
    at += EXTENSION_HEADER_BYTES;
    at += trees.copy(bytes, at);
  }
  new Bun.CryptoHasher("sha1").update(bytes.subarray(0, at)).digest().copy(bytes, at);
  return bytes;
}

function hasExtendedFlags(entries: IndexEntries): boolean {
  if (!entries.mayBeExtended) return false;
  for (let position = 0; position < entries.count; position++)
    if (((entries.field(position, FLAGS_WORD) >>> 16) & FLAG.extended) !== 0) return true;
  return false;
}
