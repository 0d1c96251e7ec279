import type { Database } from "../store/database.ts";

/** Leaves a host alone for a while; of two holds the longer one stays. */
export function holdHost(
  database: Database,
  hold: {
    readonly host: string;
    readonly until: number;
    readonly reason: string;
    readonly unreachable: boolean;
  },
): void {
  database
    .query<unknown, [{ host: string; until: number; reason: string; failed: number }]>(
      `INSERT INTO hosts (host, held_until, failures, reason) VALUES ($host, $until, $failed, $reason)
       ON CONFLICT (host) DO UPDATE SET held_until = max(held_until, $until), failures = failures + $failed,
         reason = iif($until >= held_until, $reason, reason)`,
    )
    .run({ host: hold.host, until: hold.until, reason: hold.reason, failed: hold.unreachable ? 1 : 0 });
}

export function forgetHold(database: Database, host: string): void {
  database.query<unknown, [{ host: string }]>("DELETE FROM hosts WHERE host = $host").run({ host });
}
