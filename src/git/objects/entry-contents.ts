import { applyDelta, parseDeltaSizes } from "./delta.ts";
import { KeptContents } from "./kept-contents.ts";
import { type Content, rebuild, spool, type SpoolPlace } from "./large-content.ts";
import type { EntryHeader } from "./pack-entry.ts";
import type { PackFile } from "./pack-file.ts";

/** Where a delta lies, and the delta itself if it is at hand. */
export type DeltaAt = { readonly offset: number; readonly delta?: Buffer | undefined };

/**
 * The contents of a pack's entries while it is taken in: kept for a while, built from a base, or read once more. What is
 * too large for memory lies in files. A content is valid until the next one is made.
 */
export class EntryContents implements Disposable {
  readonly #file: PackFile;
  readonly #place: SpoolPlace;
  #kept = new KeptContents(0);
  /** Deltas are needed for a moment only, and most are small. */
  readonly #scratch = Buffer.allocUnsafeSlow(64 * 1024);

  constructor(file: PackFile, place: SpoolPlace) {
    this.#file = file;
    this.#place = place;
  }

  /** @param size of the pack in bytes, as far as it is known */
  begin(size: number): void {
    this.#kept = KeptContents.ofPack(size);
  }

  get kept(): KeptContents {
    return this.#kept;
  }

  /** Too large for memory: of an object, or of a delta. */
  isLarge({ size }: EntryHeader): boolean {
    return size > this.#place.wholeInMemory;
  }

  /** Room for a delta that is needed for a moment. */
  scratch(size: number): Buffer {
    return size <= this.#scratch.length ? this.#scratch.subarray(0, size) : Buffer.allocUnsafeSlow(size);
  }

  /** Reads a whole object's content. */
  read(entry: number, offset: number): Content {
    const header = this.#file.header(offset);
    if (this.isLarge(header)) {
      const content = spool(this.#place, this.#file.chunks(offset, header));
      this.#kept.keepLarge(entry, content);
      return content;
    }
    const { bytes } = this.#file.inflate(offset, header, (size) => this.#kept.room(size));
    this.#kept.keep(entry, bytes);
    return bytes;
  }

  /**
   * Builds an entry's content.
   * @throws DamagedData
   */
  build(entry: number, base: Content, at: DeltaAt): Content {
    const delta = at.delta ?? this.#deltaAt(at.offset);
    const isSmall =
      Buffer.isBuffer(base) &&
      delta !== undefined &&
      parseDeltaSizes(delta).result <= this.#place.wholeInMemory;
    if (isSmall) {
      const bytes = applyDelta(base, delta, (size) => this.#kept.room(size));
      this.#kept.keep(entry, bytes);
      return bytes;
    }
    const pieces = delta === undefined ? this.#file.chunks(at.offset, this.#file.header(at.offset)) : [delta];
    const content = rebuild(this.#place, base, pieces);
    this.#kept.keepLarge(entry, content);
    return content;
  }

  [Symbol.dispose](): void {
    this.#kept[Symbol.dispose]();
  }

  /** Undefined: it is too large for memory. */
  #deltaAt(offset: number): Buffer | undefined {
    const header = this.#file.header(offset);
    if (this.isLarge(header)) return undefined;
    return this.#file.inflate(offset, header, (size) => this.scratch(size)).bytes;
  }
}
