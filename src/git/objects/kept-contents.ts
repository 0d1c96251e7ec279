import { ContentRing } from "./content-ring.ts";
import { type Content, release } from "./large-content.ts";

const LARGEST_RING = 48 * 1024 * 1024;
const SMALLEST_RING = 512 * 1024;
/** Packs of text grow about so much; a small pack should not take 48 MB of address space. */
const RING_RATIO = 16;
/** From so many bytes of a pack on the ring has its full size whatever else comes, and a look at what came is worth it. */
export const FOLLOWED_FROM = LARGEST_RING / RING_RATIO;
/** Contents that are too large for the ring: what a delta is made from, and what came before it. */
const LARGE_KEPT = 2;

/** The contents of a pack's entries that are still at hand while it is taken in, by entry number. */
export class KeptContents implements Disposable {
  readonly #ring: ContentRing;
  /** Where the last room was. */
  #isInRing = false;
  readonly #large = new Map<number, Content>();

  constructor(capacity: number) {
    this.#ring = new ContentRing(capacity, 0);
  }

  /** @param size of the pack in bytes, as far as it is known */
  static ofPack(size: number): KeptContents {
    return new KeptContents(Math.min(LARGEST_RING, Math.max(SMALLEST_RING, size * RING_RATIO)));
  }

  /** The ring's memory, for a thread that reads what stays in it. */
  get shared(): SharedArrayBuffer {
    return this.#ring.shared;
  }

  /** Makes it possible to keep contents of more entries. */
  extendTo(entries: number): void {
    this.#ring.extendTo(entries);
  }

  /** For a content that is to be kept, or not. */
  room(size: number): Buffer {
    this.#isInRing = size <= this.#ring.largest;
    return this.#isInRing ? this.#ring.reserve(size) : Buffer.allocUnsafeSlow(size);
  }

  /** @param bytes as the last `room` gave them */
  keep(entry: number, bytes: Buffer): void {
    if (this.#isInRing) this.#ring.keep(entry, bytes.length);
    else this.keepLarge(entry, bytes);
  }

  /** As `keep` for what lies in no room; a content in a file is given up by and by. */
  keepLarge(entry: number, content: Content): void {
    const large = this.#large;
    const before = large.get(entry);
    if (before !== undefined && before !== content) release(before);
    large.delete(entry);
    large.set(entry, content);
    if (large.size <= LARGE_KEPT) return;
    for (const [oldest, given] of large) {
      large.delete(oldest);
      release(given);
      return;
    }
  }

  /** In memory it is a view that one `room` leaves alone. */
  get(entry: number): Content | undefined {
    return this.#ring.get(entry) ?? this.#large.get(entry);
  }

  /** As `get` of what is in memory, for the time after the last `room`. */
  peek(entry: number): Buffer | undefined {
    const large = this.#large.get(entry);
    return this.#ring.peek(entry) ?? (Buffer.isBuffer(large) ? large : undefined);
  }

  /** Gives up what lies in files. */
  [Symbol.dispose](): void {
    for (const [entry, content] of this.#large) {
      if (Buffer.isBuffer(content)) continue;
      release(content);
      this.#large.delete(entry);
    }
  }
}
