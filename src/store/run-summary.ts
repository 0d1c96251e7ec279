/** One finished run as a row of the history; `detail` is the full run as JSON for `--json` and later tools. */
export type RunSummary = {
  readonly source: string;
  /**
   * `synced`, `up-to-date` (nothing to do), `partial`, `conflict`, `skipped`, `failed`; or `deferred`, when a due sync
   * began to wait for its conditions: no run yet, so its duration is 0 and its message tells what it waits for.
   */
  readonly outcome: string;
  /** Who or what asked for it: `person`, `change`, `schedule`, `catch-up` or `start`. */
  readonly cause: string;
  /** Milliseconds since 1970 UTC. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly filesCommitted: number;
  readonly commitsReceived: number;
  readonly commitsSent: number;
  /** Of packs, as far as the engine counted them. */
  readonly bytesReceived: number;
  readonly bytesSent: number;
  readonly conflicts: number;
  /** Why it was skipped or failed, one line. */
  readonly message: string | undefined;
  readonly detail: string;
};
