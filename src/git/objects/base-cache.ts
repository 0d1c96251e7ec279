import type { GitObject } from "../model.ts";

/** Objects that deltas build upon, least recently used out first, bounded by their bytes. */
export class BaseCache<Key> {
  readonly #limit: number;
  readonly #objects = new Map<Key, GitObject>();
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: Key): GitObject | undefined {
    const object = this.#objects.get(key);
    if (object === undefined) return undefined;
    this.#objects.delete(key);
    this.#objects.set(key, object);
    return object;
  }

  set(key: Key, object: GitObject): void {
    // One that fills half of the cache would push out everything that is likelier to be asked for.
    if (object.bytes.length > this.#limit / 2) return;
    this.#bytes += object.bytes.length - (this.#objects.get(key)?.bytes.length ?? 0);
    this.#objects.delete(key);
    this.#objects.set(key, object);
    if (this.#bytes <= this.#limit) return;
    // A quarter at once: each walk from the oldest on first has to step over everything that was dropped before.
    for (const [oldest, { bytes }] of this.#objects) {
      if (this.#bytes <= this.#limit * 0.75) break;
      this.#objects.delete(oldest);
      this.#bytes -= bytes.length;
    }
  }
}
