import type { RunStats } from "../store/run-stats.ts";
import { STEP_NAMES } from "../sync/outcome.ts";
import type { Deps } from "./deps.ts";
import { refuseUnknown } from "./get-log.ts";

export type StatsInput = {
  readonly name: string | undefined;
  /** Milliseconds since 1970 UTC. */
  readonly since: number;
};

export type StatsResult = RunStats & { readonly name: string | undefined };

/** Returns figures over the runs of one source or all, its steps in the order of a sync. */
export async function getStats(deps: Deps, input: StatsInput): Promise<StatsResult> {
  const stats = deps.runs.stats({ source: input.name, since: input.since });
  if (stats.total === 0)
    await refuseUnknown(deps, input.name, () => deps.runs.list({ source: input.name, limit: 1 }).length > 0);
  const medians = stats.steps.medians.toSorted((a, b) => positionOf(a.name) - positionOf(b.name));
  return { ...stats, name: input.name, steps: { ...stats.steps, medians } };
}

function positionOf(step: string): number {
  const position = STEP_NAMES.findIndex((name) => name === step);
  return position === -1 ? STEP_NAMES.length : position;
}
