import { LullError, messageOf } from "../base/errors.ts";
import { redact, redactIn } from "../base/redact.ts";
import type { JobCause, JobWait } from "../queue/job.ts";
import type { AuditEntry } from "../store/audit-store.ts";
import type { Pause } from "../store/pause-store.ts";
import type { LastRuns } from "../store/run-store.ts";
import type { ScheduleRow } from "../store/schedule-store.ts";
import type { RunSummary } from "../store/run-summary.ts";
import type { SyncRun } from "../sync/outcome.ts";
import type { Deps } from "./deps.ts";

/**
 * Notes a run down. A sync that is done stays done when its history can not be written (a full disk): that is a
 * warning. A history that must not be touched (of a newer lull, or writable by others) still throws.
 */
export function noteRun(deps: Pick<Deps, "runs" | "log">, run: RunSummary): void {
  const message = run.message === undefined ? undefined : redact(run.message);
  tolerate(deps, () => deps.runs.record({ ...run, message }));
}

/** Returns nothing known when the history can not be read; see `noteRun`. */
export function knownRuns(deps: Pick<Deps, "runs" | "log">, source: string): LastRuns {
  return tolerate(deps, () => deps.runs.last(source)) ?? { newest: undefined, newestGood: undefined };
}

/** A run that has done nothing yet. */
export function emptyRun(of: Pick<SyncRun, "source" | "startedAt" | "dryRun">): Omit<SyncRun, "outcome"> {
  return {
    ...of,
    durationMs: 0,
    branch: undefined,
    tip: undefined,
    savepoint: undefined,
    committed: undefined,
    remotes: [],
    filesWritten: 0,
    filesRemoved: 0,
    conflicts: [],
    skippedPaths: [],
    steps: [],
    reason: undefined,
    error: undefined,
  };
}

/** Notes down what a sync did; see `noteRun`. */
export function noteSyncRun(deps: Pick<Deps, "runs" | "log">, run: SyncRun, cause: JobCause): void {
  const sum = (pick: (remote: SyncRun["remotes"][number]) => number): number =>
    run.remotes.reduce((total, remote) => total + pick(remote), 0);
  noteRun(deps, {
    source: run.source,
    outcome: run.outcome,
    cause,
    startedAt: run.startedAt,
    durationMs: run.durationMs,
    filesCommitted: run.committed?.files ?? 0,
    commitsReceived: sum((remote) => remote.received),
    commitsSent: sum((remote) => remote.sent),
    bytesReceived: sum((remote) => remote.bytesReceived),
    bytesSent: sum((remote) => remote.bytesSent),
    conflicts: run.conflicts.filter(({ open }) => open).length,
    message: run.error?.message ?? run.reason,
    detail: JSON.stringify(redactIn(run)),
  });
}

/** Notes down that a due sync began to wait, once: a row of the outcome `deferred`. */
export function noteDeferral(
  deps: Pick<Deps, "runs" | "log" | "clock">,
  deferral: { readonly source: string; readonly cause: JobCause; readonly waits: readonly JobWait[] },
): void {
  const { source, cause, waits } = deferral;
  noteRun(deps, {
    source,
    outcome: "deferred",
    cause,
    startedAt: deps.clock.now(),
    durationMs: 0,
    filesCommitted: 0,
    commitsReceived: 0,
    commitsSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    conflicts: 0,
    message: `waits: ${waits.map(({ text }) => text).join("; ")}`,
    detail: JSON.stringify({ waits }),
  });
}

/** Notes down what a person changed; tolerant as `noteRun` is: the change itself stands. */
export function noteChange(
  deps: Pick<Deps, "audit" | "log" | "clock" | "userName">,
  change: Pick<AuditEntry, "action" | "source" | "detail">,
): void {
  const { action, source } = change;
  const detail = redactIn(change.detail);
  const entry: AuditEntry = {
    at: deps.clock.now(),
    origin: "cli",
    actor: deps.userName,
    action,
    source,
    detail,
  };
  tolerate(deps, () => deps.audit.record(entry));
}

/** Another source may get the name one day, and must not rest for it. */
export function forgetPause(deps: Pick<Deps, "pauses" | "log" | "clock">, source: string): void {
  tolerate(deps, () => deps.pauses.resume(source, deps.clock.now()));
}

/** What rests now; nothing when that can not be read. */
export function knownPauses(deps: Pick<Deps, "pauses" | "log" | "clock">): readonly Pause[] {
  return tolerate(deps, () => deps.pauses.list(deps.clock.now())) ?? [];
}

/** Returns no rows when they can not be read; see `noteRun`. */
export function knownSchedules(
  deps: Pick<Deps, "schedules" | "log">,
  source: string,
): readonly ScheduleRow[] {
  return tolerate(deps, () => deps.schedules.list(source)) ?? [];
}

/** Returns undefined, with a warning, when the database can not be used; one that must not be touched still throws. */
export function tolerate<T>(deps: Pick<Deps, "log">, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof LullError && error.kind === "config") throw error;
    deps.log.warn(messageOf(error));
    return undefined;
  }
}
