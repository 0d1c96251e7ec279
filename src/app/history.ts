import { LullError, messageOf } from "../base/errors.ts";
import type { LastRuns } from "../store/run-store.ts";
import type { RunSummary } from "../store/run-summary.ts";
import type { Deps } from "./deps.ts";

/**
 * Notes a run down. A sync that is done stays done when its history can not be written (a full disk): that is a
 * warning. A history that must not be touched (of a newer lull, or writable by others) still throws.
 */
export function noteRun(deps: Pick<Deps, "runs" | "log">, run: RunSummary): void {
  tolerate(deps, () => deps.runs.record(run));
}

/** Returns nothing known when the history can not be read; see `noteRun`. */
export function knownRuns(deps: Pick<Deps, "runs" | "log">, source: string): LastRuns {
  return tolerate(deps, () => deps.runs.last(source)) ?? { newest: undefined, newestGood: undefined };
}

function tolerate<T>(deps: Pick<Deps, "log">, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof LullError && error.kind === "config") throw error;
    deps.log.warn(messageOf(error));
    return undefined;
  }
}
