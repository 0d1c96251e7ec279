import { redactIn } from "../base/redact.ts";
import type { JobCause } from "../queue/job.ts";
import type { RunError, SyncRun } from "../sync/outcome.ts";
import type { Deps } from "./deps.ts";
import { emptyRun, noteSyncRun } from "./history.ts";

export type LostRun = {
  readonly source: string;
  readonly cause: JobCause;
  /** Wall time, milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** What the worker refused with, or how its process ended and what it said last; without that it was ended on purpose. */
  readonly end: { readonly error: RunError } | { readonly why: string; readonly stderr?: string };
};

/** Notes down, as a failed one, a run whose process could not do so itself any more; returns it. */
export function noteLostRun(deps: Pick<Deps, "runs" | "log">, lost: LostRun): SyncRun {
  const error = "error" in lost.end ? lost.end.error : errorOf(lost.end);
  // Its last words went through no function of lull's before.
  const run: SyncRun = redactIn({
    ...emptyRun({ source: lost.source, startedAt: lost.startedAt, dryRun: false }),
    outcome: "failed",
    durationMs: lost.durationMs,
    error,
  });
  noteSyncRun(deps, run, lost.cause);
  return run;
}

function errorOf({ why, stderr }: { readonly why: string; readonly stderr?: string }): RunError {
  return stderr === undefined ? stoppedError(why) : lostError(why, stderr);
}

function stoppedError(why: string): RunError {
  return {
    kind: "interrupted",
    code: "INTERRUPTED",
    message: `stopped before it was done: ${why}`,
    hint: "nothing was lost; the next sync goes on from here",
    causes: [],
    data: {},
    retry: true,
  };
}

function lostError(why: string, stderr: string): RunError {
  return {
    kind: "failed",
    code: "WORKER_LOST",
    message: `the process of this sync ended early: ${why}`,
    hint: "nothing was lost; the next sync goes on from here. If it happens again, run it with `lull sync --verbose`",
    causes: stderr === "" ? [] : [stderr],
    data: {},
    retry: true,
  };
}
