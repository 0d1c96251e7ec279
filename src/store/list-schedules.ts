import type { Database } from "bun:sqlite";

import type { ScheduleRow } from "./schedule-store.ts";

type Row = Omit<ScheduleRow, "nextAt" | "lastAt"> & {
  readonly nextAt: number | null;
  readonly lastAt: number | null;
};

export function listSchedules(database: Database, source: string | undefined): readonly ScheduleRow[] {
  return database
    .query<Row, [{ source: string | null }]>(
      `SELECT source, expression, next_at AS nextAt, last_at AS lastAt FROM schedules
       WHERE $source IS NULL OR source = $source ORDER BY source, expression`,
    )
    .all({ source: source ?? null })
    .map((row) => ({ ...row, nextAt: row.nextAt ?? undefined, lastAt: row.lastAt ?? undefined }));
}
