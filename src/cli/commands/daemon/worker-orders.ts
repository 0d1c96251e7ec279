import { readOrder, type WorkerOrder, type WorkerWork } from "../../../app/worker-messages.ts";
import { LineSplitter } from "../../../base/line-splitter.ts";
import type { Timers } from "../../../base/timers.ts";

/** Whose daemon is gone may end its sync; one that takes longer stops at a safe place, and the next daemon goes on. */
const ORPHAN_MS = 45_000;

type BandwidthOrder = Extract<WorkerOrder, { readonly kind: "bandwidth" }>;

/** The orders of the daemon. They are read on while one is carried out, so that the daemon's end is noticed. */
export class WorkerOrders implements Disposable {
  readonly #timers: Timers;
  readonly #setBandwidth: (limits: BandwidthOrder["limits"]) => void;
  readonly #waiting: WorkerWork[] = [];
  readonly #orphaned = new AbortController();
  #hasEnded = false;
  #late: Disposable | undefined;
  #wake = Promise.withResolvers<void>();

  /** @param setBandwidth is called as such an order comes, also amid another */
  constructor(
    stdin: AsyncIterable<string> | undefined,
    timers: Timers,
    setBandwidth: (limits: BandwidthOrder["limits"]) => void,
  ) {
    this.#timers = timers;
    this.#setBandwidth = setBandwidth;
    void this.#read(stdin);
  }

  /** Fires when the daemon has been gone for too long. */
  get orphaned(): AbortSignal {
    return this.#orphaned.signal;
  }

  /** Undefined: there will be no more. */
  async next(): Promise<WorkerWork | undefined> {
    while (this.#waiting.length === 0 && !this.#hasEnded) await this.#wake.promise;
    return this.#waiting.shift();
  }

  [Symbol.dispose](): void {
    this.#late?.[Symbol.dispose]();
  }

  async #read(stdin: AsyncIterable<string> | undefined): Promise<void> {
    if (stdin !== undefined) await this.#readAll(stdin);
    this.#hasEnded = true;
    this.#late = this.#timers.after(ORPHAN_MS, () => this.#orphaned.abort());
    this.#wakeUp();
  }

  async #readAll(stdin: AsyncIterable<string>): Promise<void> {
    const lines = new LineSplitter();
    const encoder = new TextEncoder();
    for await (const text of stdin) {
      for (const line of lines.push(encoder.encode(text))) {
        const order = readOrder(line);
        if (order?.kind === "bandwidth") this.#setBandwidth(order.limits);
        else if (order !== undefined) this.#waiting.push(order);
      }
      this.#wakeUp();
    }
  }

  #wakeUp(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}
