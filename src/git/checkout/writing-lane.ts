import type { Oid } from "../model.ts";
import type { FileStat } from "../worktree/stat.ts";
import { newTemporaryNumber, TEMPORARY_PREFIX } from "../worktree/temporary-names.ts";
import { FileOrders } from "./file-orders.ts";

/** What the other thread is told: it calls `new FileOrders(shared).serve(…)` with a store of its own. */
export type WriteFilesOrder = {
  readonly kind: "files";
  readonly shared: SharedArrayBuffer;
  /** Whose objects are written. */
  readonly gitDirectory: string;
  readonly prefix: string;
  readonly memory: SharedArrayBuffer | undefined;
};

export type WritingThread = { post(order: WriteFilesOrder): void };

export type WritingLaneInput = {
  readonly gitDirectory: string;
  readonly temporaryDirectory: string;
  readonly memory: SharedArrayBuffer | undefined;
  readonly mostSilenceMs?: number | undefined;
};

/** A file that the other thread makes if it comes to it. */
export type OrderedFile = {
  readonly temporary: string;
  /** Waits for it. */
  result(): FileResult;
};

/** Without `stat` it is the caller's to make, under a new name unless this one is free. */
type FileResult = { readonly stat: FileStat | undefined; readonly isFree: boolean };

/** A file takes 10 ms at most. A thread that is silent for so long is dead, or so slow that it is no help. */
const MOST_SILENCE_MS = 2000;

/** Has the temporary files of a checkout made by a second thread, as far as that comes to it. */
export class WritingLane implements Disposable {
  readonly #orders = new FileOrders();
  readonly #prefix: string;
  readonly #mostSilenceMs: number;
  #isGivenUp = false;

  constructor(thread: WritingThread, input: WritingLaneInput) {
    const { gitDirectory, memory, temporaryDirectory } = input;
    this.#prefix = `${temporaryDirectory}/${TEMPORARY_PREFIX}`;
    this.#mostSilenceMs = input.mostSilenceMs ?? MOST_SILENCE_MS;
    const { shared } = this.#orders;
    thread.post({ kind: "files", shared, gitDirectory, prefix: this.#prefix, memory });
  }

  /**
   * @param place of the content in the shared memory, if it is there
   * @returns undefined when it is the caller's to make
   */
  order(
    oid: Oid,
    mode: number,
    place: { readonly at: number; readonly size: number } | undefined,
  ): OrderedFile | undefined {
    if (this.#isGivenUp) return undefined;
    const number = newTemporaryNumber();
    const slot = this.#orders.add({ number, mode, oid, place });
    if (slot === undefined) return undefined;
    let found: FileResult | undefined;
    // The slot is somebody else's afterwards.
    return { temporary: `${this.#prefix}${number}`, result: () => (found ??= this.#resultOf(slot)) };
  }

  /** Nothing more will be ordered for now. */
  callOut(): void {
    if (!this.#isGivenUp) this.#orders.callOut();
  }

  /** Afterwards the other thread makes no file any more. */
  [Symbol.dispose](): void {
    this.#giveUp(this.#mostSilenceMs);
  }

  #giveUp(mostMs: number): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#orders.end(mostMs);
  }

  #resultOf(slot: number): FileResult {
    if (this.#orders.takeBack(slot)) return { stat: undefined, isFree: true };
    const stat = this.#orders.result(slot, this.#isGivenUp ? 0 : this.#mostSilenceMs);
    if (stat !== "silent") return { stat, isFree: false };
    // Should it come to life again, it finishes this one file, which the next checkout sweeps.
    this.#giveUp(0);
    return { stat: undefined, isFree: false };
  }
}
