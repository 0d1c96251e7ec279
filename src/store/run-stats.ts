/** Figures over the runs of one source or all, from a point in time on. */
import type { StoredRun } from "./run-store.ts";

export type RunStats = {
  readonly since: number;
  /** Runs and deferrals. */
  readonly total: number;
  readonly outcomes: Readonly<Record<string, number>>;
  /** Share of good ones among the runs that did something: 0 to 1; undefined when there was none. Skipped and deferred ones do not count. */
  readonly successRate: number | undefined;
  /** Of the runs that ended well; undefined when there was none. */
  readonly duration: { readonly medianMs: number; readonly p95Ms: number } | undefined;
  /** Medians in the order of a sync, over the newest `runs` good runs. */
  readonly steps: {
    readonly runs: number;
    readonly medians: readonly { readonly name: string; readonly ms: number }[];
  };
  readonly filesCommitted: number;
  readonly commitsReceived: number;
  readonly commitsSent: number;
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly conflicts: number;
  readonly lastFailure: StoredRun | undefined;
};
