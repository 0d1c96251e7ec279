import type { Database } from "../store/database.ts";

/** Lets deferred jobs be looked at again now. What it waited for stays noted until somebody has looked. */
export function wakeJobs(database: Database, now: number, sources: readonly string[] | undefined): number {
  const statement = database.query<unknown, [{ now: number; sources: string | null }]>(
    `UPDATE jobs SET state = 'ready', not_before = $now
     WHERE state = 'waiting' AND waits IS NOT NULL
       AND ($sources IS NULL OR source IN (SELECT value FROM json_each($sources)))`,
  );
  return statement.run({ now, sources: sources === undefined ? null : JSON.stringify(sources) }).changes;
}
