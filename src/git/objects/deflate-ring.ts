import { BLOCK_BYTES, DeflateBlock } from "./deflate-block.ts";

/** Enough that neither thread waits for the other while files of different sizes come. */
const BLOCKS = 6;
/** Of the control words: one that counts the calls, one that ends the thread, then the state of each block. */
const CALLS = 0;
const ENDED = 1;
const STATES = 2;
const CONTROL_BYTES = (STATES + BLOCKS) * Int32Array.BYTES_PER_ELEMENT;

/** A block goes round: free → ready → taken (by either thread) → done or failed → free. */
export const BLOCK = { free: 0, ready: 1, taken: 2, done: 3, failed: 4 } as const;

/** How long the thread sleeps at most until it looks again by itself. */
const NAP_MS = 5000;

/** The blocks in memory that the thread which commits shares with one that deflates beside it. */
export class DeflateRing {
  readonly shared: SharedArrayBuffer;
  readonly blocks: readonly DeflateBlock[];
  readonly #control: Int32Array;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(CONTROL_BYTES + BLOCKS * BLOCK_BYTES)) {
    this.shared = shared;
    this.#control = new Int32Array(shared, 0, CONTROL_BYTES / Int32Array.BYTES_PER_ELEMENT);
    this.blocks = Array.from(
      { length: BLOCKS },
      (_, block) => new DeflateBlock(shared, CONTROL_BYTES + block * BLOCK_BYTES),
    );
  }

  stateOf(block: number): number {
    return Atomics.load(this.#control, STATES + block);
  }

  /** Sets the state and wakes whoever waits for it. */
  setState(block: number, state: number): void {
    Atomics.store(this.#control, STATES + block, state);
    Atomics.notify(this.#control, STATES + block);
  }

  /** Sets the state and calls the other thread. */
  offer(block: number): void {
    this.setState(block, BLOCK.ready);
    this.#call();
  }

  /** Takes a ready block; false when the other thread was faster. */
  take(block: number): boolean {
    return Atomics.compareExchange(this.#control, STATES + block, BLOCK.ready, BLOCK.taken) === BLOCK.ready;
  }

  /** Waits until the other thread is done with a block that it has taken; false when it took too long. */
  waitFor(block: number, mostMs: number): boolean {
    return Atomics.wait(this.#control, STATES + block, BLOCK.taken, mostMs) !== "timed-out";
  }

  end(): void {
    Atomics.store(this.#control, ENDED, 1);
    this.#call();
  }

  /** The other thread's whole life: takes ready blocks, oldest first, until `end`. */
  serve(): void {
    for (let next = 0; Atomics.load(this.#control, ENDED) === 0;) {
      const calls = Atomics.load(this.#control, CALLS);
      const block = this.#takeFrom(next);
      if (block === undefined) Atomics.wait(this.#control, CALLS, calls, NAP_MS);
      else {
        this.#deflate(block);
        next = (block + 1) % BLOCKS;
      }
    }
  }

  #takeFrom(first: number): number | undefined {
    for (let step = 0; step < BLOCKS; step++) {
      const block = (first + step) % BLOCKS;
      if (this.take(block)) return block;
    }
    return undefined;
  }

  #deflate(block: number): void {
    try {
      this.blocks[block]?.deflate();
      this.setState(block, BLOCK.done);
    } catch {
      // The other side makes it itself, and meets the reason.
      this.setState(block, BLOCK.failed);
    }
  }

  #call(): void {
    Atomics.add(this.#control, CALLS, 1);
    Atomics.notify(this.#control, CALLS);
  }
}
