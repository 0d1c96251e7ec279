import { zlib } from "./zlib.ts";

/** Above this the content goes through streaming zlib in pieces: libdeflate needs it whole, with a copy of the same size. */
export const STREAM_THRESHOLD = 4 * 1024 * 1024;

const PROBE_FROM = 64 * 1024;
const PROBE_SIZE = 32 * 1024;
/** What shrinks by less than 3 % (pictures, archives) is not worth the time, here or on each later read. */
const WORTH_IT = 0.97;
/** CMF 0x78 (deflate, 32 KB window), FLG 0x01 (fastest, check bits). */
export const ZLIB_HEADER = Buffer.from([0x78, 0x01]);
/** An empty final block with fixed codes. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
const ADLER_BASE = 65_521;

/** zlib's level for pieces: 1.3 x the time of level 1 and three quarters of its size (1 MB of words: 0.40 against 0.53). */
const PIECE_LEVEL = 2;

/**
 * Returns the content as one zlib stream. libdeflate level 1 is as fast as zlib's level 1 and packs as zlib's level 6
 * does (figures in the engine notes); what does not compress is stored.
 */
export function deflate(bytes: Uint8Array): Buffer {
  if (bytes.length > STREAM_THRESHOLD) return Buffer.concat([...deflateChunks(slices(bytes))]);
  const raw = deflateRaw(bytes);
  const output = Buffer.allocUnsafe(raw.length + 6);
  output.set(ZLIB_HEADER, 0);
  output.set(raw, 2);
  output.writeUInt32BE(adler32(bytes), raw.length + 2);
  return output;
}

/** The middle of a zlib stream, for who puts `ZLIB_HEADER` before it and `adler32` behind it; up to `STREAM_THRESHOLD`. */
export function deflateRaw(bytes: Uint8Array): Uint8Array {
  if (!isCompressible(bytes)) return zlib().deflateRawSync(bytes, { level: 0 });
  return fastDeflate(bytes);
}

function fastDeflate(bytes: Uint8Array): Uint8Array {
  return Bun.deflateSync(bytes as Uint8Array<ArrayBuffer>, { library: "libdeflate", level: 1 });
}

/** As `deflate`, piece by piece, each compressed on its own; pieces of 64 KB and more lose nothing worth naming. */
export function* deflateChunks(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield ZLIB_HEADER;
  const { constants, deflateRawSync } = zlib();
  let checksum = 1;
  for (const chunk of chunks) {
    checksum = combineAdler(checksum, adler32(chunk), chunk.length);
    yield deflateRawSync(chunk, {
      level: isCompressible(chunk) ? PIECE_LEVEL : 0,
      finishFlush: constants.Z_SYNC_FLUSH,
    });
  }
  const trailer = Buffer.allocUnsafe(6);
  trailer.set(LAST_BLOCK, 0);
  trailer.writeUInt32BE(checksum, 2);
  yield trailer;
}

/** Content that is in memory, in pieces for `deflateChunks`. */
export function* slices(bytes: Uint8Array): Generator<Uint8Array> {
  const size = 1024 * 1024;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** Looks at 32 KB from the middle: heads of media files hold tables that compress well. */
function isCompressible(bytes: Uint8Array): boolean {
  if (bytes.length <= PROBE_FROM) return true;
  const start = ((bytes.length - PROBE_SIZE) >> 1) & ~4095;
  // By what compresses the whole later on. Not zlib's level 1, which has fixed codes only in the runtime's build and
  // takes text of few letters (base64, numbers) for noise: it would be stored at 1.5 x its size.
  const probe = fastDeflate(bytes.subarray(start, start + PROBE_SIZE));
  return probe.length < PROBE_SIZE * WORTH_IT;
}

export function adler32(bytes: Uint8Array): number {
  return Bun.hash.adler32(bytes as Uint8Array<ArrayBuffer>) >>> 0;
}

/** Checksum of A followed by B from those of A and B (Bun's adler32 takes no start value). As zlib's adler32_combine. */
function combineAdler(first: number, second: number, secondLength: number): number {
  const low = (first & 0xffff) - 1 + (second & 0xffff);
  const high =
    (first >>> 16) + (second >>> 16) + (secondLength % ADLER_BASE) * ((first & 0xffff) - 1 + ADLER_BASE);
  return ((high % ADLER_BASE) * 0x10000 + ((low + ADLER_BASE) % ADLER_BASE)) >>> 0;
}
