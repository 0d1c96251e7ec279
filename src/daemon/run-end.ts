/** From what a worker said to what queue and watches need to know. Pure. */
import { runEndOf } from "../app/run-end.ts";
import type { RunEnd } from "../queue/decide-after-run.ts";
import type { RunEnd as WatchRunEnd } from "../schedule/watch/watch.ts";
import type { WorkerEnd } from "./worker.ts";

export function queueEnd(end: WorkerEnd): RunEnd {
  switch (end.kind) {
    case "synced":
      return runEndOf(end.run);
    case "done":
    case "mailed":
      return { kind: "ended", outcome: "up-to-date", failures: [] };
    case "stopped":
      return { kind: "interrupted" };
    case "lost":
      return { kind: "crashed", reason: end.why };
    case "refused": {
      if (end.error.kind === "interrupted") return { kind: "interrupted" };
      const failure = { ...end.error, retryAfterMs: undefined, host: undefined };
      return { kind: "ended", outcome: "failed", failures: [failure] };
    }
  }
}

/**
 * Whether the run looked at the whole work tree, so that changes from before it are dealt with. A run without a step
 * behind the scan may have been stopped in it.
 */
export function watchEnd(end: WorkerEnd): WatchRunEnd {
  if (end.kind !== "synced") return { complete: false };
  const { run } = end;
  const names = run.steps.map(({ name }) => name);
  const isPastScan = names.includes("scan") && names.at(-1) !== "scan";
  return { complete: isPastScan || run.outcome === "up-to-date", tip: run.tip };
}
