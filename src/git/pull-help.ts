import type { WriteFilesOrder } from "./checkout/writing-lane.ts";
import type { ReadEntriesOrder } from "./objects/entry-lane.ts";

export type PullOrder = ReadEntriesOrder | WriteFilesOrder;

export type PullThread = { post(order: PullOrder): void; stop(): void };

/** Undefined where a second thread is of no use. It may come late, fail or never answer. */
export type StartPullThread = () => PullThread | undefined;

/** The second thread of one repository, from when a pack comes until its files are written. */
export class PullHelp {
  readonly #start: StartPullThread;
  #thread: PullThread | undefined;
  #isStarted = false;

  /** @param start left out: one thread does it all */
  constructor(start: StartPullThread = () => undefined) {
    this.#start = start;
  }

  get isStarted(): boolean {
    return this.#isStarted;
  }

  /** Starts it unless it runs. */
  start(): PullThread | undefined {
    if (!this.#isStarted) this.#thread = this.#start();
    this.#isStarted = true;
    return this.#thread;
  }

  /** It may be started again. */
  stop(): void {
    this.#thread?.stop();
    this.#thread = undefined;
    this.#isStarted = false;
  }
}
