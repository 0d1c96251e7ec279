import type { Database } from "../store/database.ts";
import type { HeldHost } from "./job.ts";

export function heldHosts(database: Database, now: number): readonly HeldHost[] {
  const statement = database.query<HeldHost, [{ now: number }]>(
    `SELECT host, held_until AS until, reason, failures FROM hosts WHERE held_until > $now
     ORDER BY held_until, host`,
  );
  return statement.all({ now });
}

export function hostFailures(database: Database, host: string): number {
  const statement = database.query<{ failures: number }, [{ host: string }]>(
    "SELECT failures FROM hosts WHERE host = $host",
  );
  return statement.get({ host })?.failures ?? 0;
}
