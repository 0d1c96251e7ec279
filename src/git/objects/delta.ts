import { DamagedData } from "./damaged-data.ts";

/** Git never makes deltas of larger files (core.bigFileThreshold); a short delta could declare any size. */
const LARGEST_DELTA_RESULT = 512 * 1024 * 1024;
/** From here on a native copy costs less than a loop (measured; `set` with a view does from 100 bytes on only). */
const LONG_COPY = 16;

export type DeltaSizes = { readonly base: number; readonly result: number; readonly start: number };

/**
 * Rebuilds an object from its base and a delta; every offset and length is checked.
 * @param allocate gives the room for the result, by its size, once that was found to be sane
 * @throws DamagedData
 */
export function applyDelta(
  base: Uint8Array,
  delta: Uint8Array,
  allocate: (size: number) => Buffer = (size) => Buffer.allocUnsafe(size),
): Buffer {
  const sizes = parseDeltaSizes(delta);
  if (sizes.base !== base.length) throw new DamagedData("bad", "its delta was made for another base");
  checkResultSize(sizes.result);
  const result = allocate(sizes.result);
  const copies = asBuffer(base);
  const insertions = asBuffer(delta);
  let at = sizes.start;
  let written = 0;
  while (at < delta.length) {
    const code = byteOf(delta, at++);
    let source = insertions;
    let from = at;
    let length = code;
    if ((code & 0x80) !== 0) {
      const copy = parseCopy(delta, at, code);
      source = copies;
      from = copy.offset;
      length = copy.length;
      at = copy.end;
    } else {
      at += code;
    }
    // Code 0 is reserved; it would also be an instruction that does nothing.
    if (length === 0 || from + length > source.length || written + length > result.length)
      throw pointsOutside();
    if (length >= LONG_COPY) source.copy(result, written, from, from + length);
    else for (let index = 0; index < length; index++) result[written + index] = source[from + index] ?? 0;
    written += length;
  }
  if (written !== result.length) throw stopsEarly();
  return result;
}

/** @throws DamagedData */
export function checkResultSize(size: number): void {
  if (size > LARGEST_DELTA_RESULT) throw new DamagedData("bad", `its delta declares ${size} bytes`);
}

export function pointsOutside(): DamagedData {
  return new DamagedData("bad", "its delta points outside the data");
}

export function stopsEarly(): DamagedData {
  return new DamagedData("bad", "its delta stops before the object is whole");
}

/** Reads the two sizes at a delta's start; the first 20 bytes of it are enough. */
export function parseDeltaSizes(delta: Uint8Array): DeltaSizes {
  const base = parseSize(delta, 0);
  const result = parseSize(delta, base.end);
  return { base: base.value, result: result.value, start: result.end };
}

/**
 * An instruction to copy, whose code has been read. Kept out of an object per copy would be faster; JavaScriptCore
 * removes the allocation once this is hot.
 */
export function parseCopy(
  delta: Uint8Array,
  start: number,
  code: number,
): { offset: number; length: number; end: number } {
  let at = start;
  let offset = 0;
  let length = 0;
  if ((code & 0x01) !== 0) offset = byteOf(delta, at++);
  if ((code & 0x02) !== 0) offset |= byteOf(delta, at++) << 8;
  if ((code & 0x04) !== 0) offset |= byteOf(delta, at++) << 16;
  if ((code & 0x08) !== 0) offset += byteOf(delta, at++) * 0x1000000;
  if ((code & 0x10) !== 0) length = byteOf(delta, at++);
  if ((code & 0x20) !== 0) length |= byteOf(delta, at++) << 8;
  if ((code & 0x40) !== 0) length |= byteOf(delta, at++) << 16;
  return { offset, length: length === 0 ? 0x10000 : length, end: at };
}

function parseSize(delta: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let scale = 1;
  for (let at = start; ; scale *= 128) {
    const byte = byteOf(delta, at++);
    value += (byte & 0x7f) * scale;
    if (!Number.isSafeInteger(value)) throw new DamagedData("bad", "its delta declares an impossible size");
    if ((byte & 0x80) === 0) return { value, end: at };
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

function byteOf(delta: Uint8Array, at: number): number {
  const byte = delta[at];
  if (byte === undefined) throw new DamagedData("bad", "its delta ends within an instruction");
  return byte;
}
