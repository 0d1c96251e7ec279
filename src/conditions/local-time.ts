/** Wall time as the clock on the wall shows it, over changes to summer time and back. */
import type { Clock } from "../base/clock.ts";

type ZoneClock = Pick<Clock, "utcOffset">;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const DAY_NAMES = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** What a wall clock shows: the milliseconds that UTC would have to be at to show the same. */
export function shownAt(clock: ZoneClock, at: number): number {
  return at + clock.utcOffset(at) * MINUTE_MS;
}

/** Returns when the clock will show `shown`, or when its zone changes before that: then everything is another matter. */
export function momentOf(clock: ZoneClock, shown: number, from: number): number {
  const moment = from + (shown - shownAt(clock, from));
  return clock.utcOffset(moment) === clock.utcOffset(from) ? moment : changeBetween(clock, from, moment);
}

/** The moment of the change, to the minute, between two with unlike offsets. */
function changeBetween(clock: ZoneClock, from: number, to: number): number {
  const offset = clock.utcOffset(from);
  let before = Math.floor(from / MINUTE_MS);
  let after = Math.ceil(to / MINUTE_MS);
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (clock.utcOffset(middle * MINUTE_MS) === offset) before = middle;
    else after = middle;
  }
  return after * MINUTE_MS;
}

/** `07:00`, `Monday 07:00`, or with its date when that is more than six days from now. */
export function timeWords(clock: Pick<Clock, "now" | "utcOffset">, at: number): string {
  const shown = shownAt(clock, at);
  const today = Math.floor(shownAt(clock, clock.now()) / DAY_MS);
  const days = Math.floor(shown / DAY_MS) - today;
  const iso = new Date(shown).toISOString();
  const time = iso.slice(11, 16);
  if (days === 0) return time;
  return Math.abs(days) <= 6
    ? `${DAY_NAMES[new Date(shown).getUTCDay()]} ${time}`
    : `${iso.slice(0, 10)} ${time}`;
}
