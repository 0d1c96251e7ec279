import type { Schedule } from "./schedule.ts";

export type Occurrence = {
  readonly device: string;
  readonly source: string;
  readonly schedule: Schedule;
  /** Wall time, milliseconds since 1970 UTC. */
  readonly at: number;
};

/**
 * Returns a delay from 0 up to, but not including, `limitMs`. It is made of the occurrence itself: a restart does not
 * roll it anew, while sources and devices that share a schedule start apart.
 */
export function delayOf({ device, source, schedule, at }: Occurrence, limitMs: number): number {
  if (limitMs <= 0) return 0;
  const hash = Bun.hash.xxHash32([device, source, schedule.key, at].join("\n"));
  return Math.floor((hash / 2 ** 32) * limitMs);
}
