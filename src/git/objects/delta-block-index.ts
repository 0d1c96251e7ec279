import { commonPrefix } from "./delta-common.ts";

/** Length of the blocks that are looked up, as in git: shorter ones cost more to copy than to insert. */
export const BLOCK = 16;

/** An odd factor with well spread bits (Knuth's 2^32 / golden ratio). */
const FACTOR = 0x9e3779b1 | 0;
/** FACTOR to the power of BLOCK, for taking out what leaves the window. */
const LEAVING = power(FACTOR, BLOCK);
/** Blocks of the same hash that are compared; without a limit, tables full of equal rows take quadratic time. */
const MOST_TRIED = 32;
/** A match of this length is taken without looking for a better one, as in git. */
const GOOD_MATCH = 4096;

/** Where the blocks of a base lie, by their hash. */
export class BlockIndex {
  readonly #base: Buffer;
  readonly #mask: number;
  /** By the low bits of a hash: the last block that has them, plus one; 0 for none. */
  readonly #heads: Int32Array;
  /** The block before with the same low bits, plus one. */
  readonly #next: Int32Array;
  readonly #hashes: Int32Array;
  /** Where the match that was found last starts in the base. */
  matchStart = 0;

  constructor(base: Buffer) {
    const count = Math.floor(base.length / BLOCK);
    let size = 64;
    // Twice as many slots as blocks: the quick no of `hasHash` is right for most positions.
    while (size < count * 2) size *= 2;
    this.#base = base;
    this.#mask = size - 1;
    this.#heads = new Int32Array(size);
    this.#next = new Int32Array(count);
    this.#hashes = new Int32Array(count);
    let after = 0;
    // Backwards, so that the earliest of equal blocks is found first and a run of them counts once, by its start.
    for (let block = count - 1; block >= 0; block--) {
      const hash = rollingHash(base, block * BLOCK);
      this.#hashes[block] = hash;
      // The low bits depend on the low bits of the bytes only, the high ones on all.
      const slot = (hash ^ (hash >>> 15)) & this.#mask;
      const head = this.#heads[slot] ?? 0;
      const isRun = block + 1 < count && hash === after && head === block + 2;
      this.#next[block] = isRun ? (this.#next[block + 1] ?? 0) : head;
      this.#heads[slot] = block + 1;
      after = hash;
    }
  }

  get byteLength(): number {
    return this.#heads.byteLength + this.#next.byteLength + this.#hashes.byteLength;
  }

  /**
   * Looks from `start` on for the first block of the target that the base has as well; returns where it starts, or -1
   * when there is none that ends before `end`. The best place for it is then in `matchStart`.
   */
  findBlock(target: Buffer, start: number, end: number): number {
    if (start + BLOCK > end) return -1;
    // In locals: this loop takes one turn for each byte, and fields cost it half of its speed.
    const heads = this.#heads;
    const mask = this.#mask;
    const last = end - BLOCK;
    let hash = rollingHash(target, start);
    for (let at = start; ; at++) {
      const head = heads[(hash ^ (hash >>> 15)) & mask] as number;
      if (head !== 0 && this.#findCopy(head - 1, hash, target, at)) return at;
      if (at >= last) return -1;
      hash =
        (Math.imul(hash, FACTOR) +
          (target[at + BLOCK] as number) -
          Math.imul(LEAVING, target[at] as number)) |
        0;
    }
  }

  /** How far the match that was found last goes on. */
  matchLength(target: Buffer, at: number, end: number): number {
    const most = Math.min(this.#base.length - this.matchStart, end - at);
    return commonPrefix(this.#base.subarray(this.matchStart), target.subarray(at), most);
  }

  #findCopy(first: number, hash: number, target: Buffer, at: number): boolean {
    let longest = 0;
    let tries = MOST_TRIED;
    for (let block = first; block >= 0 && tries > 0; block = (this.#next[block] ?? 0) - 1) {
      if (this.#hashes[block] !== hash) continue;
      tries--;
      const start = block * BLOCK;
      const most = Math.min(this.#base.length - start, target.length - at);
      if (most <= longest || this.#base[start + longest] !== target[at + longest]) continue;
      const length = commonPrefix(this.#base.subarray(start), target.subarray(at), most);
      if (length < BLOCK || length <= longest) continue;
      longest = length;
      this.matchStart = start;
      if (length >= GOOD_MATCH) break;
    }
    return longest > 0;
  }
}

/** Hash of the block that starts here. */
function rollingHash(bytes: Uint8Array, start: number): number {
  let hash = 0;
  for (let at = start; at < start + BLOCK; at++) hash = (Math.imul(hash, FACTOR) + (bytes[at] ?? 0)) | 0;
  return hash;
}

function power(base: number, exponent: number): number {
  let result = 1;
  for (let step = 0; step < exponent; step++) result = Math.imul(result, base);
  return result;
}
