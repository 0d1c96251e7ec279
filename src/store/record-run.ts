import type { Database } from "bun:sqlite";

import type { RunSummary } from "./run-summary.ts";

export function recordRun(database: Database, run: RunSummary): number {
  const statement = database.query<{ id: number }, [Record<string, string | number | null>]>(`
    INSERT INTO runs (source, outcome, cause, started_at, duration_ms, files_committed, commits_received, commits_sent,
      bytes_received, bytes_sent, conflicts, message, detail)
    VALUES ($source, $outcome, $cause, $startedAt, $durationMs, $filesCommitted, $commitsReceived, $commitsSent,
      $bytesReceived, $bytesSent, $conflicts, $message, $detail)
    RETURNING id`);
  return statement.get({ ...run, message: run.message ?? null })?.id ?? 0;
}
