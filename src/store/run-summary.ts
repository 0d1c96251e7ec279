/** One finished run as a row of the history; `detail` is the full run as JSON for `--json` and later tools. */
export type RunSummary = {
  readonly source: string;
  readonly outcome: string;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly filesCommitted: number;
  readonly commitsReceived: number;
  readonly commitsSent: number;
  readonly conflicts: number;
  /** Why it was skipped or failed, one line. */
  readonly message: string | undefined;
  readonly detail: string;
};
