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
    .query<unknown, [{ host: string; until: number; reason: string; failed: number; asked: number }]>(
      `INSERT INTO hosts (host, held_until, failures, asked, reason) VALUES ($host, $until, $failed, $asked, $reason)
       ON CONFLICT (host) DO UPDATE SET held_until = max(held_until, $until), failures = failures + $failed,
         asked = iif($until >= held_until, $asked, asked), reason = iif($until >= held_until, $reason, reason)`,
    )
    .run({
      host: hold.host,
      until: hold.until,
      reason: hold.reason,
      failed: hold.unreachable ? 1 : 0,
      asked: hold.unreachable ? 0 : 1,
    });
}

export function forgetHold(database: Database, host: string): void {
  database.query<unknown, [{ host: string }]>("DELETE FROM hosts WHERE host = $host").run({ host });
}

/** Lets a host be tried at once, unless it was the host that asked to be left alone. */
export function tryHeldHost(database: Database, host: string, now: number): void {
  database
    .query<unknown, [{ host: string; now: number }]>(
      "UPDATE hosts SET held_until = $now WHERE host = $host AND asked = 0 AND held_until > $now",
    )
    .run({ host, now });
}
