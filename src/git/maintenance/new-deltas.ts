import { closeSync, openSync, readSync } from "node:fs";

import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem } from "../../base/errors.ts";
import { deflate } from "../objects/deflate.ts";
import type { StoredObject } from "./stored-objects.ts";

type Kept = { readonly start: number; readonly length: number; readonly size: number };

/** The deltas that were found, deflated, in a file until the pack is written: all together may not fit in memory. */
export class NewDeltas {
  readonly #path: string;
  readonly #handle: number;
  readonly #kept = new Map<StoredObject, Kept>();
  #end = 0;

  /** @param directory for the caller to remove */
  constructor(directory: string) {
    this.#path = `${directory}/deltas`;
    this.#handle = this.#do(() => openSync(this.#path, "wx+", 0o600));
  }

  get count(): number {
    return this.#kept.size;
  }

  add(object: StoredObject, delta: Uint8Array): void {
    const bytes = deflate(delta);
    this.#do(() => writeFully(this.#handle, bytes, this.#end));
    this.#kept.set(object, { start: this.#end, length: bytes.length, size: delta.length });
    this.#end += bytes.length;
  }

  /** @returns the deflated delta and its size before */
  get(object: StoredObject): { readonly bytes: Uint8Array; readonly size: number } | undefined {
    const kept = this.#kept.get(object);
    if (kept === undefined) return undefined;
    const bytes = Buffer.allocUnsafe(kept.length);
    // A short read leaves bytes that the check of the finished pack refuses.
    this.#do(() => readSync(this.#handle, bytes, 0, kept.length, kept.start));
    return { bytes, size: kept.size };
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle);
  }

  #do<Result>(step: () => Result): Result {
    try {
      return step();
    } catch (error) {
      throw fromSystem(error, `write ${this.#path}`);
    }
  }
}
