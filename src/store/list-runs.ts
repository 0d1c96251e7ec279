import type { Database } from "bun:sqlite";

import { RUN_COLUMNS, type RunRow, toRun } from "./run-row.ts";
import type { StoredRun } from "./run-store.ts";

/** Returns runs, newest first; of one source or of all. */
export function listRuns(
  database: Database,
  filter: { readonly source?: string; readonly limit: number },
): readonly StoredRun[] {
  const rows = database
    .query<RunRow, [Record<string, string | number | null>]>(
      `SELECT ${RUN_COLUMNS} FROM runs WHERE $source IS NULL OR source = $source ORDER BY id DESC LIMIT $limit`,
    )
    .all({ source: filter.source ?? null, limit: filter.limit });
  return rows.map(toRun);
}
