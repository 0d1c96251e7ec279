import type { StoredRun } from "./run-store.ts";

/** A row of `runs` as SQLite gives it, under the names of `StoredRun`. */
export type RunRow = Omit<StoredRun, "message"> & { readonly message: string | null };

export const RUN_COLUMNS = `id, source, outcome, cause, started_at AS startedAt, duration_ms AS durationMs,
  files_committed AS filesCommitted, commits_received AS commitsReceived, commits_sent AS commitsSent,
  bytes_received AS bytesReceived, bytes_sent AS bytesSent, conflicts, message, detail`;

/** Outcomes after which folder and remotes stood as they should, as a list for SQL. */
export const GOOD_OUTCOMES = "('synced', 'up-to-date', 'conflict')";

export function toRun(row: RunRow): StoredRun {
  return { ...row, message: row.message ?? undefined };
}
