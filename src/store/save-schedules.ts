import type { Database } from "bun:sqlite";

import type { ScheduleChanges } from "./schedule-store.ts";

/** To be called in a transaction, of which whatever `alongside` writes is a part. */
export function saveSchedules(database: Database, changes: ScheduleChanges, alongside?: () => void): void {
  for (const { source, expression } of changes.lost) forget(database, source, expression);
  for (const row of changes.saved) keep(database, row);
  alongside?.();
}

function forget(database: Database, source: string, expression: string): void {
  database
    .query("DELETE FROM schedules WHERE source = $source AND expression = $expression")
    .run({ source, expression });
}

function keep(database: Database, row: ScheduleChanges["saved"][number]): void {
  database
    .query(
      `INSERT INTO schedules (source, expression, next_at, last_at) VALUES ($source, $expression, $nextAt, $lastAt)
       ON CONFLICT (source, expression) DO UPDATE SET next_at = $nextAt, last_at = $lastAt`,
    )
    .run({ ...row, nextAt: row.nextAt ?? null, lastAt: row.lastAt ?? null });
}
