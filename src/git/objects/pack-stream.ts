import type { Oid } from "../model.ts";
import { encodePackHeader } from "./install-pack.ts";
import type { ObjectStore } from "./object-store.ts";
import { OutgoingEntries, type OutgoingOptions } from "./outgoing-entries.ts";
import { TurnKeeper } from "./turn-keeper.ts";

/** Large enough that a socket write costs little for each object, small enough to keep memory low. */
const CHUNK = 256 * 1024;

export type PackStreamOptions = OutgoingOptions & {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
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
  let done = 0;
  for (const oid of entries.order()) {
    for (const piece of entries.pieces(oid)) {
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
