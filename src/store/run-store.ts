/** The history of runs as use-cases see it. */
import type { RunSummary } from "./run-summary.ts";
import type { RunStats } from "./run-stats.ts";
import type { SavepointKey } from "./tip-after.ts";

export type RunStore = {
  /** Returns the run's id. */
  record(run: RunSummary): number;
  /** Newest first. */
  list(filter: RunFilter): readonly StoredRun[];
  /** The newest run of each source, and the newest that succeeded. A `deferred` one was no run yet. */
  last(source: string): LastRuns;
  /** Figures over many runs; see `RunStats`. */
  stats(filter: { readonly source?: string | undefined; readonly since: number }): RunStats;
  /** The branch's commit at the end of the run that took a savepoint; undefined: none is known. */
  tipAfter(key: SavepointKey): string | undefined;
  /**
   * Deletes at most `limit` runs that began earlier, oldest first, and returns how many: call again while it returns
   * `limit`. The newest run and the newest good run of each source stay, however old.
   */
  prune(input: { readonly before: number; readonly limit: number }): number;
};

export type RunFilter = {
  readonly source?: string | undefined;
  /** Any of these; undefined: all. */
  readonly outcomes?: readonly string[] | undefined;
  /** Began at or after. */
  readonly since?: number | undefined;
  readonly limit: number;
};

export type StoredRun = RunSummary & { readonly id: number };

export type LastRuns = { readonly newest: StoredRun | undefined; readonly newestGood: StoredRun | undefined };
