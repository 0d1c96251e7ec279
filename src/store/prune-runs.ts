import type { Database } from "bun:sqlite";

import { GOOD_OUTCOMES } from "./run-row.ts";

/** Deletes old runs, oldest first; returns how many. The newest run and the newest good run of each source stay. */
export function pruneRuns(
  database: Database,
  input: { readonly before: number; readonly limit: number },
): number {
  const statement = database.query<unknown, [{ before: number; limit: number }]>(
    `DELETE FROM runs WHERE id IN (
       SELECT id FROM runs AS old INDEXED BY runs_by_time
       WHERE started_at < $before
         AND (outcome = 'deferred' OR ${hasNewer("newer.outcome <> 'deferred'")})
         AND (outcome NOT IN ${GOOD_OUTCOMES} OR ${hasNewer(`newer.outcome IN ${GOOD_OUTCOMES}`)})
       ORDER BY started_at LIMIT $limit)`,
  );
  return statement.run({ ...input }).changes;
}

/** One step in the index of a source for nearly every run: the next one is mostly of the same kind. */
function hasNewer(condition: string): string {
  return `EXISTS (SELECT 1 FROM runs AS newer INDEXED BY runs_by_source
    WHERE newer.source = old.source AND newer.id > old.id AND ${condition})`;
}
