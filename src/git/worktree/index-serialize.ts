/** Writes the bytes of git's index file: version 2, or 3 when an entry has extended flags. */
import { renderCachedTrees } from "./cached-trees.ts";
import { FLAG, FLAGS_WORD, HEADER_BYTES } from "./index-layout.ts";
import type { IndexEntries } from "./index-entries.ts";
import type { IndexTable } from "./index-table.ts";

/** Of an extension: its name and its length. */
const EXTENSION_HEADER_BYTES = 8;

/**
 * Returns the file in pieces that follow each other; the entries are not copied. Cached trees that no longer cover
 * exactly the entries below them must have been dropped before.
 */
export function serializeIndex(index: IndexTable): readonly Uint8Array[] {
  const { entries } = index;
  const header = Buffer.alloc(HEADER_BYTES);
  header.write("DIRC", "latin1");
  header.writeUInt32BE(hasExtendedFlags(entries) ? 3 : 2, 4);
  header.writeUInt32BE(entries.count, 8);
  const trees = renderCachedTrees(index.cachedTrees);
  const pieces = [
    header,
    entries.image.subarray(HEADER_BYTES),
    ...(trees === undefined ? [] : extension("TREE", trees)),
  ];
  const hasher = new Bun.CryptoHasher("sha1");
  for (const piece of pieces) hasher.update(piece);
  return [...pieces, hasher.digest()];
}

function extension(name: string, body: Buffer): Buffer[] {
  const header = Buffer.alloc(EXTENSION_HEADER_BYTES);
  header.write(name, "latin1");
  header.writeUInt32BE(body.length, 4);
  return [header, body];
}

function hasExtendedFlags(entries: IndexEntries): boolean {
  if (!entries.mayBeExtended) return false;
  for (let position = 0; position < entries.count; position++)
    if (((entries.field(position, FLAGS_WORD) >>> 16) & FLAG.extended) !== 0) return true;
  return false;
}
