import type { Database } from "bun:sqlite";

import { RUN_COLUMNS, type RunRow, toRun } from "./run-row.ts";
import type { LastRuns } from "./run-store.ts";

/** Returns the newest run of a source and the newest one that ended well. */
export function lastRuns(database: Database, source: string): LastRuns {
  const newest = database
    .query<RunRow, [{ source: string }]>(
      `SELECT ${RUN_COLUMNS} FROM runs WHERE source = $source ORDER BY id DESC LIMIT 1`,
    )
    .get({ source });
  const good = database
    .query<RunRow, [{ source: string }]>(
      `SELECT ${RUN_COLUMNS} FROM runs WHERE source = $source AND outcome IN ('synced', 'up-to-date', 'conflict')
       ORDER BY id DESC LIMIT 1`,
    )
    .get({ source });
  return {
    newest: newest === null ? undefined : toRun(newest),
    newestGood: good === null ? undefined : toRun(good),
  };
}
