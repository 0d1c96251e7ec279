import { closeSync, openSync, rmSync } from "node:fs";

import { writeFully } from "../../base/atomic-file.ts";
import type { Oid } from "../model.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import type { FileStat } from "../worktree/stat.ts";
import { fileStat, rowOf, statHandle } from "../worktree/stat.ts";

/** A temporary file to be made. */
export type FileOrder = {
  /** Completes the name. */
  readonly number: number;
  /** Permission bits, before the umask. */
  readonly mode: number;
  readonly oid: Oid;
  /** Where its content lies in shared memory; undefined: it is in the store. */
  readonly place: { readonly at: number; readonly size: number } | undefined;
};

/** What the other thread needs for all orders. */
export type OrderTools = {
  readonly store: Pick<ObjectStore, "open">;
  /** What the temporary files' paths begin with. */
  readonly prefix: string;
  readonly memory: SharedArrayBuffer | undefined;
};

/** Two batches of a checkout. */
const SLOTS = 1024;
/** Larger files are left to the thread that checks out. */
export const LARGEST_ORDERED = 128 * 1024;

/** Of the control words: one that counts the calls, one that ends it all, one for the other thread's life. */
const CALLS = 0;
const ENDED = 1;
const IS_SERVING = 2;
const CONTROL_BYTES = 16;
/** In each slot: where the content begins as a number of 64 bits, then words of 32: state, order, and stat data. */
const SLOT_BYTES = 96;
const NUMBERS_PER_SLOT = SLOT_BYTES / 8;
const WORDS_PER_SLOT = SLOT_BYTES / 4;
const STATE = 2;
const NUMBER = 3;
const MODE_WORD = 4;
/** -1: the content is in the store. */
const SIZE = 5;
const OID_AT = 24;
const OID_BYTES = 20;
const STAT = 11;
const STAT_WORDS = 11;

/** free → ready → taken (by the other thread) → done or failed → free; the one who ordered may take back what is ready. */
const FREE = 0;
const READY = 1;
const TAKEN = 2;
const DONE = 3;
const FAILED = 4;

const ORDERS_PER_CALL = 16;
/** Its collector waits for tens of megabytes: without a nudge a clone of 50,000 files took 80 MB more, in the same time. */
const FILES_PER_COLLECTION = 2000;
/** How long the other thread sleeps at most until it looks again by itself. */
const NAP_MS = 5000;

/** The memory that the thread which checks out shares with one that makes its temporary files. */
export class FileOrders {
  readonly shared: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #numbers: Float64Array;
  readonly #words: Int32Array;
  readonly #stats: Uint32Array;
  readonly #bytes: Buffer;
  #next = 0;

  constructor(shared: SharedArrayBuffer = new SharedArrayBuffer(CONTROL_BYTES + SLOTS * SLOT_BYTES)) {
    this.shared = shared;
    this.#control = new Int32Array(shared, 0, CONTROL_BYTES / 4);
    this.#numbers = new Float64Array(shared, CONTROL_BYTES);
    this.#words = new Int32Array(shared, CONTROL_BYTES);
    this.#stats = new Uint32Array(shared, CONTROL_BYTES);
    this.#bytes = Buffer.from(shared, CONTROL_BYTES);
  }

  /** @returns the order's slot; undefined when there is no room */
  add({ number, mode, oid, place }: FileOrder): number | undefined {
    const slot = this.#next;
    if (this.#stateOf(slot) !== FREE) return undefined;
    const words = slot * WORDS_PER_SLOT;
    this.#words[words + NUMBER] = number;
    this.#words[words + MODE_WORD] = mode;
    this.#words[words + SIZE] = place?.size ?? -1;
    this.#numbers[slot * NUMBERS_PER_SLOT] = place?.at ?? 0;
    this.#bytes.write(oid, slot * SLOT_BYTES + OID_AT, "hex");
    this.#setState(slot, READY);
    this.#next = (slot + 1) % SLOTS;
    if (this.#next % ORDERS_PER_CALL === 0) this.callOut();
    return slot;
  }

  /** Calls the other thread to what was added. */
  callOut(): void {
    Atomics.add(this.#control, CALLS, 1);
    Atomics.notify(this.#control, CALLS);
  }

  /** Takes an order back that nobody has begun. */
  takeBack(slot: number): boolean {
    return Atomics.compareExchange(this.#words, slot * WORDS_PER_SLOT + STATE, READY, FREE) === READY;
  }

  /**
   * Waits for an order that was begun and frees its slot.
   * @returns undefined when it failed; `silent` when it took too long: then nobody knows what becomes of it
   */
  result(slot: number, mostMs: number): FileStat | "silent" | undefined {
    const word = slot * WORDS_PER_SLOT + STATE;
    if (Atomics.wait(this.#words, word, TAKEN, mostMs) === "timed-out") return "silent";
    const isDone = this.#stateOf(slot) === DONE;
    const at = slot * WORDS_PER_SLOT + STAT;
    const stat = isDone ? fileStat(this.#stats.slice(at, at + STAT_WORDS)) : undefined;
    this.#setState(slot, FREE);
    return stat;
  }

  /** Ends it; what is ready stays undone. @returns false when the other thread did not stop in this time */
  end(mostMs: number): boolean {
    Atomics.store(this.#control, ENDED, 1);
    this.callOut();
    return Atomics.wait(this.#control, IS_SERVING, 1, mostMs) !== "timed-out";
  }

  /** The other thread's work for one checkout: takes what is ready, oldest first, until `end`. */
  serve(tools: OrderTools): void {
    Atomics.store(this.#control, IS_SERVING, 1);
    let made = 0;
    try {
      for (let next = 0; Atomics.load(this.#control, ENDED) === 0;) {
        const calls = Atomics.load(this.#control, CALLS);
        const slot = this.begin(next);
        if (slot === undefined) {
          Atomics.wait(this.#control, CALLS, calls, NAP_MS);
          continue;
        }
        this.#setState(slot, this.#make(slot, tools) ? DONE : FAILED);
        next = (slot + 1) % SLOTS;
        if (++made % FILES_PER_COLLECTION === 0) Bun.gc(true);
      }
    } finally {
      Atomics.store(this.#control, IS_SERVING, 0);
      Atomics.notify(this.#control, IS_SERVING);
    }
  }

  /** Takes the first order that is ready, counted from a slot. */
  begin(first = 0): number | undefined {
    for (let step = 0; step < SLOTS; step++) {
      const slot = (first + step) % SLOTS;
      const word = slot * WORDS_PER_SLOT + STATE;
      if (Atomics.compareExchange(this.#words, word, READY, TAKEN) === READY) return slot;
    }
    return undefined;
  }

  /** False: the other side makes it itself, and meets the reason. */
  #make(slot: number, tools: OrderTools): boolean {
    const words = slot * WORDS_PER_SLOT;
    const path = `${tools.prefix}${this.#words[words + NUMBER]}`;
    let isMade = false;
    try {
      const bytes = this.#contentOf(slot, tools);
      if (bytes === undefined) return false;
      const handle = openSync(path, "wx", this.#words[words + MODE_WORD]);
      isMade = true;
      try {
        writeFully(handle, bytes);
        this.#stats.set(rowOf(statHandle(handle)), words + STAT);
      } finally {
        closeSync(handle);
      }
      return true;
    } catch {
      if (isMade) rmSync(path, { force: true });
      return false;
    }
  }

  #contentOf(slot: number, { store, memory }: OrderTools): Uint8Array | undefined {
    const size = this.#words[slot * WORDS_PER_SLOT + SIZE] ?? -1;
    if (size >= 0)
      return memory === undefined
        ? undefined
        : new Uint8Array(memory, this.#numbers[slot * NUMBERS_PER_SLOT], size);
    const at = slot * SLOT_BYTES + OID_AT;
    const oid = this.#bytes.toString("hex", at, at + OID_BYTES);
    return store.open(oid, { wholeUpTo: LARGEST_ORDERED, allocate: (wanted) => this.#roomFor(wanted) }).bytes;
  }

  #room: Buffer | undefined;

  /** Each content is needed for a moment only. */
  #roomFor(size: number): Buffer {
    if (size > LARGEST_ORDERED + 1) return Buffer.allocUnsafeSlow(size);
    this.#room ??= Buffer.allocUnsafeSlow(LARGEST_ORDERED + 1);
    return this.#room.subarray(0, size);
  }

  #stateOf(slot: number): number {
    return Atomics.load(this.#words, slot * WORDS_PER_SLOT + STATE);
  }

  #setState(slot: number, state: number): void {
    const word = slot * WORDS_PER_SLOT + STATE;
    Atomics.store(this.#words, word, state);
    Atomics.notify(this.#words, word);
  }
}
