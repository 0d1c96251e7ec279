import type { StoredRun } from "./run-store.ts";

/** A row of `runs` as SQLite gives it, under the names of `StoredRun`. */
export type RunRow = Omit<StoredRun, "message"> & { readonly message: string | null };

export const RUN_COLUMNS = `id, source, outcome, started_at AS startedAt, duration_ms AS durationMs,
  files_committed AS filesCommitted, commits_received AS commitsReceived, commits_sent AS commitsSent,
  conflicts, message, detail`;

export function toRun(row: RunRow): StoredRun {
  return { ...row, message: row.message ?? undefined };
}
