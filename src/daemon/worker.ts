/** One worker process: one order at a time, with a deadline and a limit of memory for each. */
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import type { BandwidthConfig } from "../config/config.ts";
import type { RunError, SyncEvent, SyncRun } from "../sync/outcome.ts";
import type { ChildExit, StartChild, WorkerChild } from "./worker-child.ts";
import {
  encodeOrder,
  type MailFailure,
  readReport,
  type WorkerWork,
  type WorkerReport,
} from "../app/worker-messages.ts";

/** How one order ended. */
export type WorkerEnd =
  | { readonly kind: "synced"; readonly run: SyncRun }
  | { readonly kind: "done" }
  | { readonly kind: "mailed"; readonly failure: MailFailure | undefined }
  | { readonly kind: "refused"; readonly error: RunError }
  /** Ended from outside before it was done, by no fault of what it did; `why` in words. */
  | { readonly kind: "stopped"; readonly why: string }
  /** The process is gone, and with it what it was doing; `why` in words. */
  | { readonly kind: "lost"; readonly why: string; readonly stderr: string };

export type WorkerLimits = {
  readonly deadlineMs: number;
  /** Resident memory. */
  readonly memoryBytes: number;
  /** Bytes per second for its syncs, at the beginning; left out: as it was. */
  readonly bandwidth?: BandwidthConfig | undefined;
  /** Ends the worker at once: for what may be broken off anywhere. */
  readonly signal?: AbortSignal | undefined;
};

export type WorkerDeps = {
  readonly startChild: StartChild;
  readonly clock: Clock;
  readonly timers: Timers;
  /** Resident bytes of a process; undefined where that can not be told. */
  readonly residentBytes: (pid: number) => number | undefined;
};

/** A sync that was asked to stop does so at its next safe place; one that hangs in a system call never will. */
const STOP_GRACE_MS = 30_000;

const MEMORY_CHECK_MS = 5000;

export class Worker {
  readonly #deps: WorkerDeps;
  readonly #child: WorkerChild;
  #current:
    | {
        readonly order: WorkerWork;
        readonly onEvent: (event: SyncEvent) => void;
        end(end: WorkerEnd): void;
      }
    | undefined;
  /** Why lull itself ends it; told instead of the bare signal. */
  #verdict: string | undefined;
  /** What it was told last. */
  #bandwidth: BandwidthConfig = { upload: undefined, download: undefined };
  /** It is ended for what it does, not because the daemon ends. */
  #isAtFault = false;
  #hasSpoken = false;
  #gone = false;

  constructor(deps: WorkerDeps) {
    this.#deps = deps;
    this.#child = deps.startChild((line) => this.#hear(line));
    void this.#child.exited.then((exit) => this.#leave(exit));
  }

  get pid(): number {
    return this.#child.pid;
  }

  get isBusy(): boolean {
    return this.#current !== undefined;
  }

  /** It is gone or was told to go: the next order must not reach it. */
  get isLeaving(): boolean {
    return this.#gone || this.#verdict !== undefined;
  }

  /** Whether it said a word about its order, the last one: if not, it was dead or dying when that came. */
  get hasSpoken(): boolean {
    return this.#hasSpoken;
  }

  /** Settles when the process is gone. */
  get exited(): Promise<unknown> {
    return this.#child.exited;
  }

  /** One order at a time; never throws. */
  async run(
    order: WorkerWork,
    limits: WorkerLimits,
    onEvent: (event: SyncEvent) => void = () => {},
  ): Promise<WorkerEnd> {
    this.#hasSpoken = false;
    if (this.#gone) return { kind: "lost", why: "it had ended before", stderr: "" };
    const ended = new Promise<WorkerEnd>((resolve) => {
      this.#current = { order, onEvent, end: resolve };
    });
    if (limits.bandwidth !== undefined) this.limitBandwidth(limits.bandwidth);
    this.#child.send(encodeOrder(order));
    using _deadline = this.#deps.timers.after(limits.deadlineMs, () => {
      this.#isAtFault = true;
      this.stop("it took longer than its deadline");
    });
    using _memory = this.#watchMemory(limits.memoryBytes);
    const breakOff = (): void => this.kill("it was not wanted any more");
    limits.signal?.addEventListener("abort", breakOff, { once: true });
    try {
      return await ended;
    } finally {
      limits.signal?.removeEventListener("abort", breakOff);
    }
  }

  /** Counts at once, also for what it is doing. */
  limitBandwidth(limits: BandwidthConfig): void {
    const { upload, download } = this.#bandwidth;
    if (this.#gone || (limits.upload === upload && limits.download === download)) return;
    this.#bandwidth = limits;
    this.#child.send(encodeOrder({ kind: "bandwidth", limits }));
  }

  /** The source that it syncs now. */
  get source(): string | undefined {
    const order = this.#current?.order;
    return order?.kind === "sync" ? order.source.name : undefined;
  }

  /** Asks it to stop at a safe place, and ends it when it does not. */
  stop(why: string, graceMs = STOP_GRACE_MS): void {
    if (this.#gone) return;
    this.#verdict ??= why;
    this.#child.kill("SIGTERM");
    const kill = this.#deps.timers.after(graceMs, () => this.#child.kill("SIGKILL"));
    void this.#child.exited.then(() => kill[Symbol.dispose]());
  }

  kill(why: string): void {
    if (this.#gone) return;
    this.#verdict ??= why;
    this.#child.kill("SIGKILL");
  }

  /** Lets it finish and go. */
  end(): void {
    if (!this.#gone) this.#child.end();
  }

  #watchMemory(limit: number): Disposable {
    let next: Disposable;
    const check = (): void => {
      const used = this.#deps.residentBytes(this.#child.pid);
      // It may not come to a safe place any more when the system is short of memory.
      if (used !== undefined && used > limit) {
        this.#isAtFault = true;
        this.kill(`it used ${megabytes(used)} of memory, more than its limit`);
      } else next = this.#deps.timers.after(MEMORY_CHECK_MS, check);
    };
    next = this.#deps.timers.after(MEMORY_CHECK_MS, check);
    return { [Symbol.dispose]: () => next[Symbol.dispose]() };
  }

  #hear(line: string): void {
    const report = readReport(line);
    if (this.#current === undefined || report === undefined || !isAnswer(report, this.#current.order)) return;
    this.#hasSpoken = true;
    if (report.kind === "event") this.#current.onEvent(report.event);
    // A run that stopped in good order at its deadline would do the same again: it counts as one that died.
    else if (this.#isAtFault) this.#finish({ kind: "lost", why: this.#verdict ?? "", stderr: "" });
    else this.#finish(report);
  }

  #finish(end: WorkerEnd): void {
    const current = this.#current;
    this.#current = undefined;
    current?.end(end);
  }

  #leave(exit: ChildExit): void {
    this.#gone = true;
    const why = this.#verdict ?? exit.how;
    const isOrdered = this.#verdict !== undefined && !this.#isAtFault;
    this.#finish(isOrdered ? { kind: "stopped", why } : { kind: "lost", why, stderr: exit.stderr });
  }
}

/** What else comes over its stdout, from whatever part of the runtime, must not pass for the end of a sync. */
function isAnswer(report: WorkerReport, order: WorkerWork): boolean {
  switch (report.kind) {
    case "event":
      return order.kind === "sync" && typeof report.event === "object";
    case "synced":
      return order.kind === "sync" && report.run?.source === order.source.name;
    case "done":
      return order.kind === "check-config" || order.kind === "maintain";
    case "mailed":
      return order.kind === "mail";
    case "refused":
      return typeof report.error === "object";
    default:
      return false;
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}
