/** Points in time as people read them. Pure. */
import type { Clock } from "../../base/clock.ts";
import { formatDuration } from "../../base/duration.ts";

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

/** Local time of day as `14:05:09`. */
export function clockTime(at: number, clock: Clock): string {
  return new Date(at + clock.utcOffset(at) * MINUTE).toISOString().slice(11, 19);
}

/** When, for people: `now`, `in 40 s`, `in 12 min (14:05)`, `at 18:00`, `tomorrow 02:00`, `on Mon 2026-03-02 09:00`. */
export function timeAhead(at: number, clock: Clock): string {
  const now = clock.now();
  const left = at - now;
  if (left < 1000) return "now";
  if (left < MINUTE) return `in ${Math.round(left / 1000)} s`;
  const local = localTime(at, clock);
  const time = local.slice(11);
  if (left < HOUR) return `in ${Math.round(left / MINUTE)} min (${time})`;
  if (local.slice(0, 10) === localTime(now, clock).slice(0, 10)) return `at ${time}`;
  if (local.slice(0, 10) === localTime(now + DAY, clock).slice(0, 10)) return `tomorrow ${time}`;
  return `on ${localDay(at, clock)}`;
}

/** How long something lasts: `for 8 s`, `until 18:00`, `until tomorrow 02:00`, `until Mon 2026-03-02 09:00`. */
export function untilText(at: number, clock: Clock): string {
  const left = at - clock.now();
  if (left < 1000) return "for a moment";
  if (left < MINUTE) return `for ${Math.round(left / 1000)} s`;
  return `until ${timeAhead(at, clock).replace(/^(?:at|on) |^in .*\((.*)\)$/, "$1")}`;
}

/** A time to come that stays true while it stands there: `at 14:05:30`, `at 18:00`, `tomorrow 02:00`, `on Mon …`. */
export function timeAt(at: number, clock: Clock): string {
  const left = at - clock.now();
  if (left < MINUTE) return `at ${clockTime(at, clock)}`;
  return timeAhead(at, clock).replace(/^in .*\((.*)\)$/, "at $1");
}

/** Since when, behind `since`: `14:05`, `yesterday 22:10`, `Mon 2026-03-02 09:00`. */
export function sinceText(at: number, clock: Clock): string {
  const now = clock.now();
  const local = localTime(at, clock);
  const day = local.slice(0, 10);
  if (day === localTime(now, clock).slice(0, 10)) return local.slice(11);
  if (day === localTime(now - DAY, clock).slice(0, 10)) return `yesterday ${local.slice(11)}`;
  return localDay(at, clock);
}

/** The clock as it was then, for words about what lay ahead of a past event. */
export function clockAsOf(at: number, clock: Clock): Clock {
  return { now: () => at, monotonic: () => clock.monotonic(), utcOffset: (time) => clock.utcOffset(time) };
}

/** How long still: `in 30 s`, `in 5 min`, `in 2 h 15 min`, `in 1 d 3 h`, `in 12 days`. */
export function timeLeft(at: number, clock: Clock): string {
  const wait = at - clock.now();
  if (wait >= 2 * DAY) return `in ${Math.round(wait / DAY)} days`;
  const unit = wait < MINUTE ? 1000 : MINUTE;
  return `in ${formatDuration(Math.ceil(wait / unit) * unit)}`;
}

/** With the day of the week: `Sun 2026-03-01 14:05`. */
export function localDay(at: number, clock: Clock, precision: "minute" | "second" = "minute"): string {
  const wall = new Date(at + clock.utcOffset(at) * MINUTE);
  const text = wall.toISOString().slice(0, precision === "minute" ? 16 : 19);
  return `${WEEKDAYS[wall.getUTCDay()]} ${text.replace("T", " ")}`;
}

/** `Sun 2026-03-01`. */
export function dayText(at: number, clock: Clock): string {
  return localDay(at, clock).slice(0, 14);
}

const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
