import type { Context } from "../../app/deps.ts";
import type { Log } from "../../base/log.ts";
import type { Progress } from "../progress.ts";

type SyncEvent = Parameters<NonNullable<Context["onEvent"]>>[0];

/** Shows events as they come: the step on the progress line, each one as a log line with `--verbose`. */
export function showSyncEvent(progress: Progress, log: Log): (event: SyncEvent) => void {
  return (event) => {
    if (event.kind === "progress") {
      progress.show(`${event.source}: ${event.step}`, event.done, event.total, event.unit);
      return;
    }
    log.detail(`${event.source}: ${event.step} ${event.detail}`);
    progress.show(`${event.source}: ${event.step}`);
  };
}
