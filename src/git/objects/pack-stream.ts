import type { Oid, Progress } from "../model.ts";
import { encodePackHeader } from "./install-pack.ts";
import type { ObjectStore } from "./object-store.ts";
import { OutgoingEntries, type OutgoingOptions } from "./outgoing-entries.ts";
import { TurnKeeper } from "./turn-keeper.ts";

/** Large enough that a socket write costs little for each object, small enough to keep memory low. */
const CHUNK = 256 * 1024;

export type PackStreamOptions = OutgoingOptions & {
  readonly signal?: AbortSignal;
  /** Counts bytes, as step `sending`; of what is still to come, as it is stored, so that deltas make the total smaller. */
  readonly onProgress?: Progress | undefined;
};

/**
 * Gives a pack of exactly these objects. What lies deflated in a pack is sent as it is, deltas as well where the
 * receiver can have no doubt about their base; nothing is held in memory but the chunk under way. The order is the
 * packs' own, so that they are read from start to end.
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
  const entries = new OutgoingEntries(store, oids, options);
  const buffer = new ChunkBuffer(encodePackHeader(oids.length));
  const progress = options.onProgress && new SendProgress(store, oids, options.onProgress);
  for (const oid of entries.order()) {
    progress?.begins(oid);
    for (const piece of entries.pieces(oid)) {
      buffer.push(piece);
      if (turns.isDue(piece.length)) await turns.turn();
      if (buffer.length < CHUNK) continue;
      const chunk = buffer.take();
      hasher.update(chunk);
      yield chunk;
      progress?.sent(chunk.length);
    }
  }
  const last = buffer.take();
  const end = Buffer.concat([last, hasher.update(last).digest()]);
  yield end;
  progress?.sent(end.length);
}

class SendProgress {
  readonly #store: ObjectStore;
  readonly #tell: Progress;
  #sent = 0;
  /** Of the objects that come after the one under way, as they are stored. */
  #left = 0;
  #current = 0;
  #sentBefore = 0;

  constructor(store: ObjectStore, oids: readonly Oid[], tell: Progress) {
    this.#store = store;
    this.#tell = tell;
    for (const oid of oids) this.#left += this.#sizeOf(oid);
  }

  begins(oid: Oid): void {
    this.#current = this.#sizeOf(oid);
    this.#left -= this.#current;
    this.#sentBefore = this.#sent;
  }

  sent(bytes: number): void {
    this.#sent += bytes;
    const left = this.#left + Math.max(0, this.#current - (this.#sent - this.#sentBefore));
    this.#tell("sending", this.#sent, this.#sent + left, "bytes");
  }

  #sizeOf(oid: Oid): number {
    const place = this.#store.packed(oid);
    if (place === undefined) {
      const copy = this.#store.locate(oid);
      return copy?.kind === "loose" ? copy.size : 0;
    }
    const { pack, position } = place;
    const start = pack.index.offsetAt(position);
    return pack.index.entryEnd(start, pack.file.size) - start;
  }
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
