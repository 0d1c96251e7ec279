import type { Clock } from "../../base/clock.ts";

/** Milliseconds to the next whole multiple of a period: what 20 sources do now and then wakes the process once. */
export function alignedDelay(clock: Clock, everyMs: number): number {
  return everyMs - (clock.monotonic() % everyMs);
}
