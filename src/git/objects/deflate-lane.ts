import type { ObjectKind, Oid } from "../model.ts";
import type { DeflateBlock } from "./deflate-block.ts";
import { BLOCK, DeflateRing } from "./deflate-ring.ts";
import { EntryBuffer } from "./entry-buffer.ts";

/**
 * Starts a thread that calls `new DeflateRing(shared).serve()`; undefined where a second thread is of no use. It may
 * come late, fail or never answer: then everything is done without it.
 */
export type StartDeflater = (shared: SharedArrayBuffer) => { stop(): void } | undefined;

/** Pack entries, in the order in which their objects came. */
export type FinishedEntries = {
  readonly oids: readonly Oid[];
  readonly block: DeflateBlock;
  /** Valid during the call only. */
  readonly entries: Buffer;
};

export type DeflateLaneOptions = {
  readonly deliver: (finished: FinishedEntries) => void;
  readonly mostSilenceMs?: number;
};

/** A block takes 10 ms. A thread that is silent for so long is dead, or so slow that it is no help. */
const MOST_SILENCE_MS = 10_000;

type Filled = { readonly block: number; readonly oids: Oid[] };

/**
 * Deflates objects on two threads: the other one takes blocks as they are filled, and whoever fills them lends a hand
 * when all are full. Nothing here waits without an end, and nothing is asynchronous.
 */
export class DeflateLane {
  readonly #ring: DeflateRing;
  readonly #thread: { stop(): void };
  readonly #deliver: (finished: FinishedEntries) => void;
  readonly #filled: Filled[] = [];
  #filling: Filled = { block: 0, oids: [] };
  #isAbandoned = false;

  readonly #mostSilenceMs: number;

  private constructor(ring: DeflateRing, thread: { stop(): void }, options: DeflateLaneOptions) {
    this.#ring = ring;
    this.#thread = thread;
    this.#deliver = options.deliver;
    this.#mostSilenceMs = options.mostSilenceMs ?? MOST_SILENCE_MS;
  }

  static open(start: StartDeflater, options: DeflateLaneOptions): DeflateLane | undefined {
    const ring = new DeflateRing();
    const thread = start(ring.shared);
    return thread === undefined ? undefined : new DeflateLane(ring, thread, options);
  }

  /** @param bytes `DeflateBlock.takes` them; may be used again afterwards */
  add(oid: Oid, kind: ObjectKind, bytes: Uint8Array): void {
    while (!this.#block(this.#filling.block).add(kind, bytes)) this.#nextBlock();
    this.#filling.oids.push(oid);
  }

  /** Delivers all that is still under way. */
  drain(): void {
    if (this.#filling.oids.length > 0) this.#nextBlock();
    while (this.#filled.length > 0) this.#deliverOldest();
  }

  /** Ends the thread; what was not delivered is lost. */
  close(): void {
    this.#ring.end();
    this.#thread.stop();
  }

  #nextBlock(): void {
    this.#filled.push(this.#filling);
    this.#ring.offer(this.#filling.block);
    const block = (this.#filling.block + 1) % this.#ring.blocks.length;
    if (this.#filled.length === this.#ring.blocks.length) this.#deliverOldest();
    this.#block(block).clear();
    this.#filling = { block, oids: [] };
  }

  #deliverOldest(): void {
    const oldest = this.#filled.shift();
    if (oldest === undefined) return;
    const block = this.#block(oldest.block);
    this.#deliver({ oids: oldest.oids, block, entries: this.#entriesOf(oldest.block) });
    this.#ring.setState(oldest.block, BLOCK.free);
  }

  #entriesOf(block: number): Buffer {
    while (!this.#isAbandoned) {
      if (this.#ring.take(block)) this.#deflate(block);
      const state = this.#ring.stateOf(block);
      if (state === BLOCK.done) return this.#block(block).entries();
      if (state === BLOCK.failed) break;
      // The other thread is at it: better to do the last one that is waiting than to wait.
      const spare = this.#filled.findLast((filled) => this.#ring.take(filled.block));
      if (spare !== undefined) this.#deflate(spare.block);
      else if (!this.#ring.waitFor(block, this.#mostSilenceMs)) this.#isAbandoned = true;
    }
    // In memory of our own: the other thread may still write to the shared one.
    const entries = new EntryBuffer();
    this.#block(block).deflateInto(entries);
    return entries.bytes();
  }

  #deflate(block: number): void {
    this.#block(block).deflate();
    this.#ring.setState(block, BLOCK.done);
  }

  #block(block: number): DeflateBlock {
    const found = this.#ring.blocks[block];
    if (found === undefined) throw new Error("blocks go round");
    return found;
  }
}
