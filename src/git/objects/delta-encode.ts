/**
 * Writes deltas: how to build one object out of pieces of another (gitformat-pack(5), "Deltified representation").
 * The method is the one of Xdelta and git: blocks of the base are found again in the target by a rolling hash, each
 * match is extended both ways. What both share at their start and end is found first, by native comparison: most
 * versions of a file differ in one place, and then nothing needs to be hashed at all.
 */
import { BLOCK, BlockIndex } from "./delta-block-index.ts";
import { commonPrefix, commonSuffix } from "./delta-common.ts";
import { DeltaWriter } from "./delta-writer.ts";

const SHORTEST_COPY = 8;

/** One object as a base for several targets; what it learns about the base is kept for the next target. */
export class DeltaBase {
  readonly bytes: Buffer;
  #index: BlockIndex | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Bytes that are kept beside the base itself. */
  get indexBytes(): number {
    return this.#index?.byteLength ?? 0;
  }

  /** @returns the delta, or undefined when it would be longer than `maxSize` */
  encode(target: Uint8Array, maxSize: number): Uint8Array | undefined {
    const bytes = Buffer.from(target.buffer, target.byteOffset, target.length);
    const shorter = Math.min(this.bytes.length, bytes.length);
    const head = worthCopying(commonPrefix(this.bytes, bytes, shorter));
    const tail = worthCopying(commonSuffix(this.bytes, bytes, shorter - head));
    const writer = new DeltaWriter(this.bytes.length, bytes, maxSize);
    writer.copy(0, head);
    this.#encodeMiddle(bytes, head, bytes.length - tail, writer);
    writer.copy(this.bytes.length - tail, tail);
    return writer.finish();
  }

  #encodeMiddle(target: Buffer, start: number, end: number, writer: DeltaWriter): void {
    if (end - start < BLOCK || this.bytes.length < BLOCK) {
      writer.insert(start, end);
      return;
    }
    const index = (this.#index ??= new BlockIndex(this.bytes));
    let pending = start;
    for (let at = start; !writer.isTooLong;) {
      // An insertion that alone breaks the limit need not be looked at to its end.
      at = index.findBlock(target, at, Math.min(end, pending + writer.room + BLOCK));
      if (at < 0) break;
      let from = index.matchStart;
      let length = index.matchLength(target, at, end);
      // What was passed over may belong to the match as well.
      while (from > 0 && at > pending && this.bytes[from - 1] === target[at - 1]) {
        from--;
        at--;
        length++;
      }
      writer.insert(pending, at);
      writer.copy(from, length);
      at += length;
      pending = at;
    }
    writer.insert(pending, end);
  }
}

/** A copy takes up to seven bytes; fewer are better inserted with what stands beside them. */
function worthCopying(length: number): number {
  return length < SHORTEST_COPY ? 0 : length;
}
