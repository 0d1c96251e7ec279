import type { Database } from "../store/database.ts";

/** When time alone will next make a job claimable; undefined: never. */
export function nextWake(database: Database, now: number): number | undefined {
  const statement = database.query<{ at: number | null }, [{ now: number }]>(
    `SELECT min(at) AS at FROM (
       SELECT min(not_before) AS at FROM jobs WHERE state = 'waiting' AND not_before > $now
       UNION ALL
       SELECT min(held_until) FROM hosts WHERE held_until > $now AND (
         EXISTS (SELECT 1 FROM jobs WHERE state = 'ready' AND jobs.host = hosts.host)
         OR EXISTS (SELECT 1 FROM jobs WHERE state = 'waiting' AND not_before <= $now AND jobs.host = hosts.host)))`,
  );
  return statement.get({ now })?.at ?? undefined;
}
