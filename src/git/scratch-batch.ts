import { readSync } from "node:fs";

import { LullError } from "../base/errors.ts";
import type { ObjectBatch, ObjectKind, ObjectReader, Oid } from "./model.ts";
import { hashObject } from "./objects/hash-object.ts";

/** Contents above this are named, not kept: a diff of them is of no use to anybody. */
const LARGEST_KEPT = 16 * 1024 * 1024;

/** Names what is written to it and stores nothing: for looking at the work tree through the eyes of the index. */
export class ScratchBatch implements ObjectBatch {
  /** The content that was written last, or undefined when it was too large to keep. */
  last: Uint8Array | undefined;
  readonly #reader: ObjectReader;

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  write(kind: ObjectKind, bytes: Uint8Array): Oid {
    this.last = bytes.length > LARGEST_KEPT ? undefined : bytes;
    return hashObject(kind, bytes);
  }

  writeBlobFrom(handle: number, size: number): Oid {
    this.last = undefined;
    const hasher = new Bun.CryptoHasher("sha1");
    hasher.update(`blob ${size}\0`);
    const buffer = Buffer.allocUnsafe(1 << 20);
    for (let at = 0; at < size;) {
      const count = readSync(handle, buffer, 0, Math.min(buffer.length, size - at), at);
      if (count === 0) {
        throw new LullError({
          kind: "failed",
          code: "FILE_CHANGED",
          message: "a file became shorter while it was read",
        });
      }
      hasher.update(buffer.subarray(0, count));
      at += count;
    }
    return hasher.digest("hex");
  }

  has(oid: Oid): boolean {
    return this.#reader.has(oid);
  }

  read(oid: Oid) {
    return this.#reader.read(oid);
  }

  header(oid: Oid) {
    return this.#reader.header(oid);
  }

  finish(): void {}

  discard(): void {}
}
