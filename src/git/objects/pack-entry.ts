import type { ObjectKind, Oid } from "../model.ts";
import { DamagedData } from "./damaged-data.ts";

/** The head of one entry in a pack: what follows it is one zlib stream that inflates to `size` bytes. */
export type EntryHeader = {
  readonly size: number;
  /** Bytes that the head takes, a delta's base reference included. */
  readonly length: number;
} & (
  | { readonly type: "object"; readonly kind: ObjectKind }
  /** Base in the same pack, that many bytes before this entry's start. */
  | { readonly type: "ofs-delta"; readonly distance: number }
  | { readonly type: "ref-delta"; readonly base: Oid }
);

/** No valid head is longer: 10 bytes of size, then 10 of distance or 20 of base name. */
export const LONGEST_ENTRY_HEADER = 32;

const KINDS: readonly (ObjectKind | undefined)[] = [undefined, "commit", "tree", "blob", "tag"];
const NUMBERS: Readonly<Record<ObjectKind, number>> = { commit: 1, tree: 2, blob: 3, tag: 4 };
const OFS_DELTA = 6;
const REF_DELTA = 7;

/** @throws DamagedData */
export function parseEntryHeader(bytes: Uint8Array): EntryHeader {
  const first = byteAt(bytes, 0);
  const type = (first >> 4) & 7;
  let size = first & 15;
  let scale = 16;
  let length = 1;
  for (let byte = first; (byte & 0x80) !== 0; scale *= 128) {
    byte = byteAt(bytes, length++);
    size += (byte & 0x7f) * scale;
  }
  if (!Number.isSafeInteger(size)) throw new DamagedData("bad", "its size is beyond any object");
  if (type === OFS_DELTA) return parseDistance(bytes, length, size);
  if (type === REF_DELTA) {
    if (bytes.length < length + 20) throw tooShort();
    const base = Buffer.from(bytes.buffer, bytes.byteOffset + length, 20).toString("hex");
    return { type: "ref-delta", base, size, length: length + 20 };
  }
  const kind = KINDS[type];
  if (kind === undefined) throw new DamagedData("bad", `it has the unknown type ${type}`);
  return { type: "object", kind, size, length };
}

/** Returns the head of an entry that holds a whole object. */
export function encodeEntryHeader(kind: ObjectKind, size: number): Buffer {
  return Buffer.from(typeAndSize(NUMBERS[kind], size));
}

/**
 * Returns the head of an entry that holds a delta.
 * @param distance how many bytes before this entry's start its base starts
 * @param size of the delta
 */
export function encodeOfsDeltaHeader(distance: number, size: number): Buffer {
  const bytes = [distance % 128];
  for (let rest = Math.floor(distance / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest--;
    bytes.unshift(0x80 | (rest % 128));
  }
  return Buffer.from([...typeAndSize(OFS_DELTA, size), ...bytes]);
}

/**
 * Returns the head of an entry that holds a delta upon an object that is named.
 * @param size of the delta
 */
export function encodeRefDeltaHeader(base: Oid, size: number): Buffer {
  return Buffer.from([...typeAndSize(REF_DELTA, size), ...Buffer.from(base, "hex")]);
}

function typeAndSize(type: number, size: number): number[] {
  const bytes: number[] = [];
  let byte = (type << 4) | (size & 15);
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.push(byte | 0x80);
    byte = rest % 128;
  }
  bytes.push(byte);
  return bytes;
}

function parseDistance(bytes: Uint8Array, start: number, size: number): EntryHeader {
  let length = start;
  let byte = byteAt(bytes, length++);
  let distance = byte & 0x7f;
  while ((byte & 0x80) !== 0) {
    byte = byteAt(bytes, length++);
    // Each further byte adds one first, so that no distance has two spellings.
    distance = (distance + 1) * 128 + (byte & 0x7f);
  }
  if (!Number.isSafeInteger(distance) || distance === 0) {
    throw new DamagedData("bad", "its delta base lies outside the pack");
  }
  return { type: "ofs-delta", distance, size, length };
}

function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw tooShort();
  // Beyond this length no valid head goes on; a run of continuation bits would else be read to the end.
  if (at >= LONGEST_ENTRY_HEADER) throw new DamagedData("bad", "its head does not end");
  return byte;
}

function tooShort(): DamagedData {
  return new DamagedData("short", "it ends within an entry's head");
}
