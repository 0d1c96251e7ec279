/** How much of one blob is found in another: git's measure, so that the same pairs count as renames. */
import type { ObjectReader, Oid } from "../model.ts";

/** Scores are integers, so that comparing them is exact. */
export const FULL_SCORE = 60_000;

/** Blobs above this size (bytes) are compared by name of the object only. */
const SIZE_LIMIT = 32 * 1024 * 1024;
/** Chunks end at a line break or after this many bytes. */
const CHUNK = 64;
/** Number of chunk classes, and the factor in their hash; both from git. */
const CLASSES = 107_927;
const FACTOR = 0x61;

/** Chunk classes in ascending order, and how many bytes of the blob fall into each. */
export type Fingerprint = { readonly classes: Int32Array; readonly bytes: Int32Array };

/** Compares blobs. What was read is not kept: a merge compares few files, and those of a hostile one are many. */
export class Similarity {
  readonly #reader: ObjectReader;
  readonly #sizes = new Map<Oid, number>();
  readonly #scratch = new Int32Array(CLASSES);

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  /** Returns the share of the larger blob that both have, of `FULL_SCORE`; 0 when it is surely below `least`. */
  score(before: Oid, after: Oid, least: number): number {
    const [oldSize, newSize] = [this.sizeOf(before), this.sizeOf(after)];
    if (!mayBeSimilar(oldSize, newSize, least)) return 0;
    const shared = sharedBytes(this.fingerprintOf(before), this.fingerprintOf(after));
    return scoreOf(shared, Math.max(oldSize, newSize));
  }

  sizeOf(oid: Oid): number {
    let size = this.#sizes.get(oid);
    if (size === undefined) this.#sizes.set(oid, (size = this.#reader.header(oid).size));
    return size;
  }

  fingerprintOf(oid: Oid): Fingerprint {
    return fingerprint(this.#reader.read(oid).bytes, this.#scratch);
  }
}

/** Whether blobs of these sizes can have a score of `least`. */
export function mayBeSimilar(oldSize: number, newSize: number, least: number): boolean {
  const larger = Math.max(oldSize, newSize);
  if (larger > SIZE_LIMIT || larger === 0) return false;
  return larger * (FULL_SCORE - least) >= Math.abs(oldSize - newSize) * FULL_SCORE;
}

export function scoreOf(sharedBytes: number, largerSize: number): number {
  return Math.floor((sharedBytes * FULL_SCORE) / largerSize);
}

/** @param scratch one zero per class; zero again on return */
function fingerprint(content: Uint8Array, scratch: Int32Array): Fingerprint {
  const isText = !content.subarray(0, 8000).includes(0);
  const touched: number[] = [];
  let low = 0;
  let high = 0;
  let length = 0;
  for (let at = 0; at < content.length; at++) {
    const byte = content[at] ?? 0;
    // A file whose line breaks were converted is still the same file.
    if (isText && byte === 0x0d && content[at + 1] === 0x0a) continue;
    const carried = low;
    low = (((low << 7) ^ (high >>> 25)) + byte) | 0;
    high = (high << 7) ^ (carried >>> 25);
    length++;
    if (length < CHUNK && byte !== 0x0a && at + 1 < content.length) continue;
    const chunkClass = ((low + Math.imul(high, FACTOR)) >>> 0) % CLASSES;
    if (scratch[chunkClass] === 0) touched.push(chunkClass);
    scratch[chunkClass] = (scratch[chunkClass] ?? 0) + length;
    low = high = length = 0;
  }
  const classes = Int32Array.from(touched).sort();
  const bytes = classes.map((chunkClass) => scratch[chunkClass] ?? 0);
  for (const chunkClass of classes) scratch[chunkClass] = 0;
  return { classes, bytes };
}

function sharedBytes(a: Fingerprint, b: Fingerprint): number {
  let shared = 0;
  let inB = 0;
  for (let inA = 0; inA < a.classes.length; inA++) {
    const wanted = a.classes[inA] ?? 0;
    while ((b.classes[inB] ?? Infinity) < wanted) inB++;
    if (b.classes[inB] === wanted) shared += Math.min(a.bytes[inA] ?? 0, b.bytes[inB] ?? 0);
  }
  return shared;
}
