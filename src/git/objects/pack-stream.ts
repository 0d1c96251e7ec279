import { crc32 } from "node:zlib";

import type { Oid } from "../model.ts";
import { DamagedData, objectCorrupt } from "./damaged-data.ts";
import { deflate, deflateChunks, STREAM_THRESHOLD } from "./deflate.ts";
import { encodePackHeader } from "./install-pack.ts";
import type { ObjectStore } from "./object-store.ts";
import type { PackedObject } from "./pack-directory.ts";
import { encodeEntryHeader } from "./pack-entry.ts";
import { TurnKeeper } from "./turn-keeper.ts";

/** Large enough that a socket write costs little for each object, small enough to keep memory low. */
const CHUNK = 256 * 1024;

export type PackStreamOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
};

/**
 * Gives a pack of exactly these objects, in this order, without deltas: what lies deflated in a pack is sent as it is.
 * @param oids without repetition
 * @throws LullError `OBJECT_MISSING` or `OBJECT_CORRUPT`, possibly after some bytes; the pack then lacks its end
 */
export async function* packStream(
  store: ObjectStore,
  oids: readonly Oid[],
  options: PackStreamOptions = {},
): AsyncGenerator<Uint8Array> {
  const turns = new TurnKeeper(options.signal);
  const hasher = new Bun.CryptoHasher("sha1");
  const buffer = new ChunkBuffer(encodePackHeader(oids.length));
  let done = 0;
  for (const oid of oids) {
    for (const piece of namedPieces(store, oid)) {
      buffer.push(piece);
      if (turns.isDue(piece.length)) await turns.turn();
      if (buffer.length < CHUNK) continue;
      const chunk = buffer.take();
      hasher.update(chunk);
      yield chunk;
    }
    done++;
    options.onProgress?.(done, oids.length);
  }
  const last = buffer.take();
  yield Buffer.concat([last, hasher.update(last).digest()]);
}

function* namedPieces(store: ObjectStore, oid: Oid): Generator<Uint8Array> {
  try {
    yield* entryPieces(store, oid);
  } catch (error) {
    throw error instanceof DamagedData ? objectCorrupt(oid, error.message, error) : error;
  }
}

/** Gives one object as an entry of a pack; a piece may be a view that is valid until the next. */
function* entryPieces(store: ObjectStore, oid: Oid): Generator<Uint8Array> {
  const location = store.locate(oid);
  if (location?.kind === "packed" && (yield* storedPieces(location, oid))) return;
  const { kind, size } = store.header(oid);
  if (size > STREAM_THRESHOLD) {
    yield encodeEntryHeader(kind, size);
    yield* deflateChunks(store.chunks(oid));
    return;
  }
  const object = store.read(oid);
  yield encodeEntryHeader(object.kind, object.bytes.length);
  yield deflate(object.bytes);
}

/** Gives an entry as it lies in its pack, checked against the index; returns false, having given nothing, for a delta. */
function* storedPieces({ pack, position }: PackedObject, oid: Oid): Generator<Uint8Array, boolean> {
  const start = pack.index.offsetAt(position);
  if (pack.file.header(start).type !== "object") return false;
  const end = pack.index.entryEnd(start, pack.file.size);
  let crc = 0;
  for (let at = start; at < end;) {
    const piece = pack.file.read(at, Math.min(CHUNK, end - at));
    if (piece.length === 0) throw objectCorrupt(oid, "its pack ends too early");
    crc = crc32(piece, crc);
    at += piece.length;
    // The last piece goes out only when all was right: a receiver would else store a damaged object.
    if (at >= end && crc !== pack.index.crcAt(position))
      throw objectCorrupt(oid, "its bytes in the pack do not match their checksum");
    yield piece;
  }
  return true;
}

/** Collects small pieces, copying them: they are views into buffers that are used again. */
class ChunkBuffer {
  #bytes = Buffer.allocUnsafeSlow(CHUNK * 2);
  length = 0;

  constructor(start: Uint8Array) {
    this.push(start);
  }

  push(piece: Uint8Array): void {
    if (this.length + piece.length > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(this.length + piece.length);
      larger.set(this.#bytes.subarray(0, this.length));
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.length);
    this.length += piece.length;
  }

  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.length);
    this.#bytes = Buffer.allocUnsafeSlow(CHUNK * 2);
    this.length = 0;
    return taken;
  }
}
