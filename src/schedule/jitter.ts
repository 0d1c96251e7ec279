import { nextRun } from "./next-run.ts";
import type { Schedule } from "./schedule.ts";

export type Occurrence = {
  readonly device: string;
  readonly source: string;
  readonly schedule: Schedule;
  /** Wall time, milliseconds since 1970 UTC. */
  readonly at: number;
};

/** Returns by how much this occurrence starts later than it is due, as the person wished. */
export function jitterOf(occurrence: Occurrence): number {
  return delayOf(occurrence, { from: occurrence.at, limitMs: occurrence.schedule.jitterMs });
}

/**
 * Returns a delay from 0 up to, but not including, `limitMs`, behind `from`; never so long that the run would fall
 * together with the next one. It is made of the occurrence itself: a restart does not roll it anew, while sources and
 * devices that share a schedule start apart.
 */
export function delayOf(
  { device, source, schedule, at }: Occurrence,
  { from, limitMs }: { readonly from: number; readonly limitMs: number },
): number {
  if (limitMs <= 0) return 0;
  const room = (nextRun(schedule, from) ?? Number.POSITIVE_INFINITY) - from;
  const hash = Bun.hash.xxHash32([device, source, schedule.key, at].join("\n"));
  return Math.floor((hash / 2 ** 32) * Math.min(limitMs, room));
}
