/**
 * From noted changes to reports at their time: none while a sync runs or the folder is away, none of a sync's own commit.
 */
import type { Clock } from "../../base/clock.ts";
import type { Timers } from "../../base/timers.ts";
import { Bursts } from "./bursts.ts";
import { type GitDirectories, isTip, readTip } from "./git-directories.ts";
import { RunHints } from "./run-hints.ts";
import type { ChangedPaths, RunEnd, WatchEvent } from "./watch.ts";

export type ChangeReporterInput = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly quietMs: number;
  readonly maxWaitMs: number;
  readonly emit: (event: WatchEvent) => void;
};

export class ChangeReporter implements Disposable {
  readonly #input: ChangeReporterInput;
  readonly #bursts: Bursts;
  readonly #hints = new RunHints();
  #git: GitDirectories | undefined;
  /** Where the branch stood when that was last reported, or seen by a run. */
  #tip: string | undefined;
  #isRunning = false;
  #isAway = false;
  /** Every change is noted when it happens. */
  #seesAll = false;
  #timer: { readonly at: number; readonly handle: Disposable } | undefined;

  constructor(input: ChangeReporterInput) {
    this.#input = input;
    this.#bursts = new Bursts(input);
  }

  /** Wall time. */
  get dueAt(): number | undefined {
    const due = this.#bursts.dueAt;
    return due === undefined ? undefined : this.#wall(due);
  }

  note(path: string): void {
    this.#hints.note(path);
    this.#bursts.note(path, this.#input.clock.monotonic());
    this.#arm();
  }

  noteAnything(): void {
    this.#hints.note(undefined);
    this.#bursts.noteAnything(this.#input.clock.monotonic());
    this.#arm();
  }

  noteBranch(): void {
    this.#bursts.noteBranch(this.#input.clock.monotonic());
    this.#arm();
  }

  startRun(): ChangedPaths {
    this.#isRunning = true;
    this.#disarm();
    this.#bursts.clear();
    this.#tip = this.#readTip();
    if (!this.#seesAll) this.#hints.note(undefined);
    return this.#hints.start();
  }

  endRun({ complete, tip }: RunEnd): void {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#hints.end({ isComplete: complete });
    const now = this.#readTip();
    if (tip !== undefined && isTip(now, tip)) this.#tip = now;
    this.#arm();
  }

  /** The folder is away: a sync now would find nothing, or the wrong thing. When it is back, anything has changed. */
  leave(): void {
    this.#isAway = true;
    this.#disarm();
    this.#bursts.clear();
    this.#hints.note(undefined);
  }

  /** Changes are noticed from now on. */
  arrive(sees: { readonly git: GitDirectories | undefined; readonly all: boolean }): void {
    this.#isAway = false;
    this.#git = sees.git;
    this.#seesAll = sees.all;
    this.#tip ??= this.#readTip();
    this.#arm();
  }

  [Symbol.dispose](): void {
    this.leave();
  }

  /** A timer that comes too early looks again; so not every change needs another one. */
  #arm(): void {
    const due = this.#bursts.dueAt;
    if (due === undefined || this.#isRunning || this.#isAway) return;
    if (this.#timer !== undefined && this.#timer.at <= due) return;
    this.#disarm();
    const wait = Math.max(0, due - this.#input.clock.monotonic());
    this.#timer = { at: due, handle: this.#input.timers.after(wait, () => this.#report()) };
  }

  #disarm(): void {
    this.#timer?.handle[Symbol.dispose]();
    this.#timer = undefined;
  }

  #report(): void {
    this.#timer = undefined;
    const { clock, emit } = this.#input;
    const report = this.#bursts.take(clock.monotonic());
    if (report !== undefined) {
      const { paths, since, noise } = report;
      const tip = this.#readTip();
      // Refs were packed, or the last sync has moved the branch itself.
      const isNothing = paths?.length === 0 && tip === this.#tip;
      this.#tip = tip;
      if (!isNothing) emit({ kind: "changed", paths, since: this.#wall(since) });
      if (noise.length > 0) emit({ kind: "noise", paths: noise });
    }
    this.#arm();
  }

  #wall(monotonic: number): number {
    const { clock } = this.#input;
    return Math.round(clock.now() + monotonic - clock.monotonic());
  }

  #readTip(): string | undefined {
    return this.#git === undefined ? undefined : readTip(this.#git);
  }
}
