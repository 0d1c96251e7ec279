/** The history of runs as use-cases see it. */
import type { RunSummary } from "./run-summary.ts";

export type RunStore = {
  /** Returns the run's id. */
  record(run: RunSummary): number;
  /** Newest first. */
  list(filter: { readonly source?: string; readonly limit: number }): readonly StoredRun[];
  /** The newest run of each source, and the newest that succeeded. */
  last(source: string): LastRuns;
};

export type StoredRun = RunSummary & { readonly id: number };

export type LastRuns = { readonly newest: StoredRun | undefined; readonly newestGood: StoredRun | undefined };
