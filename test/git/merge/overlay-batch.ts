import type { GitObject, ObjectBatch, ObjectReader } from "../../../src/git/model.ts";
import { hashObject } from "../../../src/git/objects/hash-object.ts";

export type OverlayBatch = ObjectBatch & { readonly written: ReadonlyMap<string, GitObject> };

/** A batch that keeps what is written in memory, over a store that is only read. */
export function overlayBatch(store: ObjectReader): OverlayBatch {
  const written = new Map<string, GitObject>();
  return {
    written,
    has: (oid) => written.has(oid) || store.has(oid),
    read: (oid) => written.get(oid) ?? store.read(oid),
    header: (oid) => {
      const known = written.get(oid);
      return known === undefined ? store.header(oid) : { kind: known.kind, size: known.bytes.length };
    },
    write: (kind, bytes) => {
      const oid = hashObject(kind, bytes);
      written.set(oid, { kind, bytes });
      return oid;
    },
    writeBlobFrom: () => {
      throw new Error("a merge never reads files");
    },
    finish: () => {},
    discard: () => written.clear(),
  };
}
