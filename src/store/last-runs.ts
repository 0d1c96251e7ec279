import type { Database } from "bun:sqlite";

import { GOOD_OUTCOMES, RUN_COLUMNS, type RunRow, toRun } from "./run-row.ts";
import type { LastRuns } from "./run-store.ts";

/** Returns the newest run of a source and the newest one that ended well. What was only put off is no run. */
export function lastRuns(database: Database, source: string): LastRuns {
  const newest = database
    .query<RunRow, [{ source: string }]>(
      `SELECT ${RUN_COLUMNS} FROM runs WHERE source = $source AND outcome <> 'deferred' ORDER BY id DESC LIMIT 1`,
    )
    .get({ source });
  const good = database
    .query<RunRow, [{ source: string }]>(
      `SELECT ${RUN_COLUMNS} FROM runs WHERE source = $source AND outcome IN ${GOOD_OUTCOMES}
       ORDER BY id DESC LIMIT 1`,
    )
    .get({ source });
  return {
    newest: newest === null ? undefined : toRun(newest),
    newestGood: good === null ? undefined : toRun(good),
  };
}
