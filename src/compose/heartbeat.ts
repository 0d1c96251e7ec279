/** The time at which the daemon last showed that it works: that of an empty file. */
import { closeSync, openSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";

import { makePrivateDirectory } from "../base/atomic-file.ts";
import type { Clock } from "../base/clock.ts";
import type { Places } from "../platform/paths.ts";

function heartbeatFile({ stateDirectory }: Places): string {
  return join(stateDirectory, "daemon.heartbeat");
}

/** Milliseconds since 1970 UTC; undefined: no daemon has run yet. */
export function lastHeartbeat(places: Places): number | undefined {
  const stat = statSync(heartbeatFile(places), { throwIfNoEntry: false });
  return stat === undefined ? undefined : Math.round(stat.mtimeMs);
}

/** Only the time of the file changes: nothing is written that a disk would have to wake up for at once. */
export function beatHeart(places: Places, clock: Clock): void {
  const file = heartbeatFile(places);
  const now = clock.now() / 1000;
  try {
    utimesSync(file, now, now);
  } catch {
    makePrivateDirectory(places.stateDirectory);
    closeSync(openSync(file, "a", 0o600));
    utimesSync(file, now, now);
  }
}
