import type { Database } from "../store/database.ts";

/** The network is back: what could not be reached may be tried now. Returns how many jobs need not wait any longer. */
export function retryUnreachable(database: Database, now: number): number {
  const jobs = database.query<unknown, [{ now: number }]>(
    `UPDATE jobs SET state = 'ready', not_before = $now
     WHERE state = 'waiting' AND attempts > 0 AND waits IS NULL
       AND host IN (SELECT host FROM hosts WHERE failures > 0 AND asked = 0)`,
  );
  const { changes } = jobs.run({ now });
  database
    .query<unknown, [{ now: number }]>(
      "UPDATE hosts SET held_until = $now WHERE failures > 0 AND asked = 0 AND held_until > $now",
    )
    .run({ now });
  return changes;
}
