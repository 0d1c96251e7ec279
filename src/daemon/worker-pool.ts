/** The workers: started when there is work, kept warm for a minute, never more than run at once. */
import { messageOf } from "../base/errors.ts";
import type { Timers } from "../base/timers.ts";
import type { BandwidthConfig } from "../config/config.ts";
import type { RunError, SyncEvent } from "../sync/outcome.ts";
import { Worker, type WorkerDeps, type WorkerEnd, type WorkerLimits } from "./worker.ts";
import type { WorkerWork } from "../app/worker-messages.ts";

/** A person who edits saves again within a minute; after that the memory is worth more than a warm engine. */
const STAY_MS = 60_000;

type Idle = { readonly worker: Worker; readonly leave: Disposable };

export class WorkerPool {
  readonly #deps: WorkerDeps & { readonly timers: Timers };
  /** Until the process is gone. */
  readonly #all = new Set<Worker>();
  readonly #busy = new Set<Worker>();
  readonly #idle = new Map<Worker, Idle>();
  /** The worker that scanned a source last. */
  readonly #last = new Map<string, Worker>();
  #isClosed = false;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
  }

  get running(): number {
    return this.#busy.size;
  }

  /** Whether the worker that scanned this source last is waiting: only to that one hints of changes mean something. */
  isWarm(source: string): boolean {
    const worker = this.#last.get(source);
    return worker !== undefined && this.#idle.has(worker);
  }

  /** Carries out one order; never throws. */
  async run(
    order: WorkerWork,
    limits: WorkerLimits,
    onEvent?: (event: SyncEvent) => void,
  ): Promise<WorkerEnd> {
    const source = order.kind === "sync" ? order.source.name : undefined;
    const waiting = this.#takeIdle(source);
    if (waiting !== undefined) {
      const end = await this.#give(waiting, { order, limits, onEvent });
      // It died while it waited: that says nothing of the order, which no worker has had yet.
      if (end.kind !== "lost" || waiting.hasSpoken) return end;
    }
    if (this.#isClosed) return { kind: "stopped", why: "the daemon ends" };
    let started: Worker;
    try {
      started = this.#start();
    } catch (error) {
      return { kind: "refused", error: notStarted(error) };
    }
    return this.#give(started, { order, limits, onEvent });
  }

  async #give(
    worker: Worker,
    given: {
      readonly order: WorkerWork;
      readonly limits: WorkerLimits;
      readonly onEvent: ((event: SyncEvent) => void) | undefined;
    },
  ): Promise<WorkerEnd> {
    const { order, limits, onEvent } = given;
    this.#busy.add(worker);
    try {
      return await worker.run(order, limits, onEvent);
    } finally {
      this.#busy.delete(worker);
      if (order.kind === "sync") this.#last.set(order.source.name, worker);
      this.#keep(worker);
    }
  }

  /** Counts at once for the sync of this source, if one runs. */
  limitBandwidth(source: string, limits: BandwidthConfig): void {
    for (const worker of this.#busy) if (worker.source === source) worker.limitBandwidth(limits);
  }

  /** Ends the waiting ones now and lets the others finish; resolves when all are gone. No more are started. */
  async drain(): Promise<void> {
    this.#isClosed = true;
    for (const worker of this.#all) worker.end();
    await Promise.all([...this.#all].map((worker) => worker.exited));
  }

  /** Asks those at work to stop at a safe place, and ends those that have not after so long. */
  stop(why: string, graceMs: number): void {
    for (const worker of this.#busy) worker.stop(why, graceMs);
  }

  kill(why: string): void {
    for (const worker of this.#all) worker.kill(why);
  }

  #takeIdle(source: string | undefined): Worker | undefined {
    const last = source === undefined ? undefined : this.#last.get(source);
    const known = last === undefined ? undefined : this.#idle.get(last);
    const idle = known ?? [...this.#idle.values()].at(-1);
    if (idle === undefined) return undefined;
    idle.leave[Symbol.dispose]();
    this.#idle.delete(idle.worker);
    return idle.worker;
  }

  #start(): Worker {
    const worker = new Worker(this.#deps);
    this.#all.add(worker);
    void worker.exited.then(() => this.#forget(worker));
    return worker;
  }

  #keep(worker: Worker): void {
    if (worker.isLeaving || this.#isClosed) return;
    const leave = this.#deps.timers.after(STAY_MS, () => {
      this.#idle.delete(worker);
      worker.end();
    });
    this.#idle.set(worker, { worker, leave });
  }

  #forget(worker: Worker): void {
    this.#idle.get(worker)?.leave[Symbol.dispose]();
    this.#idle.delete(worker);
    this.#all.delete(worker);
    for (const [source, last] of this.#last) if (last === worker) this.#last.delete(source);
  }
}

/** The binary is just being replaced, or the system has no room for one more process: that passes. */
function notStarted(error: unknown): RunError {
  return {
    kind: "failed",
    code: "WORKER_NOT_STARTED",
    message: `no process could be started for it: ${messageOf(error)}`,
    hint: "look whether lull is still where it was; `lull daemon restart` starts it anew",
    causes: [],
    data: {},
    retry: true,
  };
}
