/** Points in time as people read them. Pure. */
import type { Clock } from "../../base/clock.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `just now`, `5 min ago`, `3 h ago`, `2 days ago`. A time ahead (the clock was set back) is given as a date. */
export function timeAgo(at: number, clock: Clock): string {
  const age = clock.now() - at;
  if (age < -MINUTE) return localTime(at, clock);
  if (age < MINUTE) return "just now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 30 * DAY) return Math.floor(age / DAY) === 1 ? "1 day ago" : `${Math.floor(age / DAY)} days ago`;
  return localTime(at, clock).slice(0, 10);
}

/** Local wall time as `2026-03-01 14:05`. */
export function localTime(at: number, clock: Clock): string {
  return new Date(at + clock.utcOffset(at) * MINUTE).toISOString().slice(0, 16).replace("T", " ");
}
