/** From what a worker said to what the queue needs to know. Pure. */
import type { RunEnd, RunFailure } from "../queue/decide-after-run.ts";
import type { RunError, SyncRun } from "../sync/outcome.ts";
import type { RunEnd as WatchRunEnd } from "../schedule/watch/watch.ts";
import type { WorkerEnd } from "./worker.ts";

export function toRunEnd(end: WorkerEnd, hostOf: (url: string) => string | undefined): RunEnd {
  switch (end.kind) {
    case "lost":
      return { kind: "crashed", reason: end.why };
    case "refused":
      return end.error.kind === "interrupted"
        ? { kind: "interrupted" }
        : { kind: "ended", outcome: "failed", failures: [failure(end.error, undefined)] };
    case "done":
      return { kind: "ended", outcome: "up-to-date", failures: [] };
    case "synced":
      return ofRun(end.run, hostOf);
  }
}

function ofRun(run: SyncRun, hostOf: (url: string) => string | undefined): RunEnd {
  if (run.error?.kind === "interrupted") return { kind: "interrupted" };
  const ofRemotes = run.remotes.flatMap(({ error, url }) =>
    error === undefined ? [] : [failure(error, hostOf(url))],
  );
  const own = run.error === undefined || ofRemotes.length > 0 ? [] : [failure(run.error, undefined)];
  return { kind: "ended", outcome: run.outcome, failures: [...ofRemotes, ...own] };
}

function failure(error: RunError, host: string | undefined): RunFailure {
  const asked = error.data["retryAfterMs"];
  return {
    kind: error.kind,
    code: error.code,
    message: error.message,
    retry: error.retry,
    retryAfterMs: typeof asked === "number" ? asked : undefined,
    host,
  };
}

/**
 * Whether the run looked at the whole work tree, so that changes from before it are dealt with. A run without a step
 * behind the scan may have been stopped in it.
 */
export function scanEnd(end: WorkerEnd): WatchRunEnd {
  if (end.kind !== "synced") return { complete: false };
  const names = end.run.steps.map(({ name }) => name);
  const complete = names.lastIndexOf("scan") >= 0 && names.at(-1) !== "scan";
  return { complete: complete || end.run.outcome === "up-to-date", tip: end.run.tip };
}
