/** Collects what one run does, step by step, and makes the `SyncRun` of it. */
import type { Clock } from "../base/clock.ts";
import { LullError } from "../base/errors.ts";
import type { Oid } from "../git/model.ts";
import type { WorkTreeChange } from "../git/worktree/changes.ts";
import type { BranchResult, RunConflict, RunError, StepName, SyncOutcome, SyncRun } from "./outcome.ts";
import { isSkip } from "./readiness.ts";
import type { RemoteSession } from "./remote-session.ts";
import { toRunError } from "./run-error.ts";
import type { Prepared, SyncOptions } from "./run-context.ts";

export class RunRecorder {
  branch: string | undefined;
  /** The branch's commit at the end. */
  tip: Oid | undefined;
  /** The name of the savepoint that was taken before the first change. */
  savepoint: string | undefined;
  /** Why the checked-out branch is left alone; undefined: it is synced. */
  restReason: string | undefined;
  filesWritten = 0;
  filesRemoved = 0;
  conflicts: RunConflict[] = [];
  skippedPaths: SyncRun["skippedPaths"] = [];
  warnings: NonNullable<SyncRun["warnings"]> = [];
  prepared: Prepared | undefined;
  /** With `auto_commit: false`: what the last scan found changed. */
  uncommitted: readonly WorkTreeChange[] = [];
  /** Paths that the last checkout held back. */
  blocked: SyncRun["skippedPaths"] = [];
  /** The branch's commit at that moment. */
  blockedAt: Oid | undefined;
  /** How often since the last commit a checkout was held back and then there was nothing to take in. */
  roundsInVain = 0;
  remotes: readonly RemoteSession[] = [];
  readonly #otherBranches = new Map<string, BranchResult>();
  readonly #clock: Clock;
  readonly #source: string;
  readonly #options: SyncOptions;
  readonly #startedAt: number;
  readonly #started: number;
  readonly #steps: { name: string; ms: number }[] = [];
  #stepStarted: number;
  #hints: SyncOptions["hints"];
  #committed: SyncRun["committed"];

  constructor(clock: Clock, source: string, options: SyncOptions) {
    this.#clock = clock;
    this.#source = source;
    this.#options = options;
    this.#hints = options.hints;
    this.#startedAt = clock.now();
    this.#started = clock.monotonic();
    this.#stepStarted = this.#started;
  }

  step(name: StepName, detail: string): void {
    this.#endStep();
    this.#steps.push({ name, ms: 0 });
    this.#options.onEvent?.({ kind: "step", source: this.#source, step: name, detail });
  }

  /** For the next scan, once: what changed since then nobody named. */
  takeHints(): SyncOptions["hints"] {
    const hints = this.#hints;
    this.#hints = undefined;
    return hints;
  }

  /** In a dry run: there is something to commit. */
  get wouldCommit(): boolean {
    return this.#options.dryRun && this.#committed !== undefined;
  }

  get committedFiles(): number {
    return this.#committed?.files ?? 0;
  }

  /** Several rounds may commit; the run shows the last commit and all files. */
  committed(commit: string | undefined, files: number): void {
    this.#committed = { commit, files: (this.#committed?.files ?? 0) + files };
  }

  /** What was committed is now in another commit. */
  squashed(commit: Oid): void {
    if (this.#committed !== undefined) this.#committed = { ...this.#committed, commit };
  }

  /** Several rounds may move a branch; what they brought and sent is added up. */
  otherBranch(result: BranchResult): void {
    const key = `${result.remote} ${result.name}`;
    const before = this.#otherBranches.get(key);
    this.#otherBranches.set(key, {
      ...result,
      received: (before?.received ?? 0) + result.received,
      sent: (before?.sent ?? 0) + result.sent,
      isNew: before?.isNew === true || result.isNew,
    });
  }

  finish(): SyncRun {
    const results = this.remotes.map((remote) => remote.result());
    const failed = results.filter((result) => result.error !== undefined);
    const firstError = failed[0]?.error;
    const all = failed.length > 0 && failed.length === results.length;
    const outcome = this.#outcome(failed.length, results.length);
    if (outcome === "up-to-date" && this.restReason !== undefined)
      return this.#run("skipped", { error: undefined, reason: this.restReason });
    return this.#run(outcome, {
      error: all ? firstError : undefined,
      reason: failed.length > 0 && !all ? `${failed[0]?.name}: ${firstError?.message}` : undefined,
    });
  }

  fail(error: unknown): SyncRun {
    if (isSkip(error))
      return this.#run("skipped", { reason: error.message, error: toRunError(error, this.#source) });
    const known = error instanceof LullError ? error.with({ source: this.#source }) : error;
    return this.#run("failed", { reason: undefined, error: toRunError(known, this.#source) });
  }

  #outcome(failed: number, remotes: number): SyncOutcome {
    if (failed > 0 && failed === remotes) return "failed";
    if (this.conflicts.some(({ open }) => open)) return "conflict";
    if (failed > 0) return "partial";
    const moved = this.remotes.some((remote) => remote.received > 0 || remote.sent > 0 || remote.moved);
    const others = [...this.#otherBranches.values()].some(
      ({ received, sent, isNew }) => isNew || received + sent > 0,
    );
    return moved || others || this.#committed !== undefined || this.filesWritten + this.filesRemoved > 0
      ? "synced"
      : "up-to-date";
  }

  #run(
    outcome: SyncOutcome,
    end: { readonly reason: string | undefined; readonly error: RunError | undefined },
  ): SyncRun {
    this.#endStep();
    return {
      source: this.#source,
      outcome,
      startedAt: this.#startedAt,
      durationMs: Math.round(this.#clock.monotonic() - this.#started),
      dryRun: this.#options.dryRun,
      branch: this.branch,
      tip: this.tip,
      savepoint: this.savepoint,
      committed: this.#committed,
      remotes: this.remotes.map((remote) => remote.result()),
      filesWritten: this.filesWritten,
      filesRemoved: this.filesRemoved,
      conflicts: this.conflicts,
      skippedPaths: [...(this.prepared?.skippedPaths ?? []), ...this.skippedPaths],
      ...(this.prepared === undefined ? {} : { gathered: this.prepared.gathered }),
      ...this.#allWarnings(),
      ...(this.uncommitted.length === 0 ? {} : { uncommitted: this.uncommitted.length }),
      ...(this.#otherBranches.size === 0 ? {} : { otherBranches: [...this.#otherBranches.values()] }),
      reason: end.reason,
      error: end.error,
      steps: this.#steps,
    };
  }

  #allWarnings(): Pick<SyncRun, "warnings"> {
    const warnings = [...(this.prepared?.warnings ?? []), ...this.warnings];
    return warnings.length === 0 ? {} : { warnings };
  }

  #endStep(): void {
    const now = this.#clock.monotonic();
    const last = this.#steps.at(-1);
    if (last !== undefined) last.ms = Math.round(now - this.#stepStarted);
    this.#stepStarted = now;
  }
}
