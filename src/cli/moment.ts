/** Reads points in time as people write them: how long ago, a time of day, or a day or moment of local time. */
import type { Clock } from "../base/clock.ts";
import { parseDuration } from "../base/duration.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

const WORDS: Readonly<Record<string, string>> = {
  second: "s",
  sec: "s",
  minute: "m",
  min: "m",
  hour: "h",
  day: "d",
  week: "w",
};

/** How such times may look, for hints. */
export const MOMENT_HINT = "2h, '2 days ago', 'yesterday 14:00', 2026-03-01 or '2026-03-01 14:00'";

/** Returns milliseconds since 1970 UTC, or undefined for what can not be understood. Nothing lies ahead. */
export function readMoment(text: string, clock: Clock): number | undefined {
  const words = text.trim().toLowerCase();
  const ago = parseDuration(compactAgo(words));
  if (ago !== undefined) return Math.max(0, clock.now() - ago);
  return relativeDay(words, clock) ?? wallTime(words, clock);
}

/** `2 days ago` → `2d`; `an hour ago` → `1h`. */
function compactAgo(words: string): string {
  return words
    .replace(/\s+ago$/, "")
    .replaceAll(/\b(?:an?)\s+(?=[a-z])/g, "1 ")
    .replaceAll(/\s*\b(\d+)\s+([a-z]+?)s?\b/g, (whole, amount: string, unit: string) =>
      WORDS[unit] === undefined ? whole : `${amount}${WORDS[unit]}`,
    );
}

/** `yesterday`, `today 09:00`, `14:00` (the last one that was). */
function relativeDay(words: string, clock: Clock): number | undefined {
  const [, day, hours, minutes] =
    /^(?:(today|yesterday)(?:\s+(?:at\s+)?|$))?(?:(\d{1,2}):(\d\d))?$/.exec(words) ?? [];
  if (day === undefined && hours === undefined) return undefined;
  const time = (Number(hours ?? 0) * 60 + Number(minutes ?? 0)) * MINUTE;
  if (Number(hours ?? 0) > 23 || Number(minutes ?? 0) > 59) return undefined;
  const now = clock.now();
  const local = now + clock.utcOffset(now) * MINUTE;
  const midnight = local - (local % DAY);
  const wanted = midnight + time - (day === "yesterday" ? DAY : 0);
  const wall = day === undefined && wanted > local ? wanted - DAY : wanted;
  return wall - clock.utcOffset(wall) * MINUTE;
}

function wallTime(words: string, clock: Clock): number | undefined {
  const match = /^(\d{4}-\d\d-\d\d)(?:[t ](\d\d:\d\d)(?::(\d\d))?)?$/.exec(words);
  if (match === null) return undefined;
  const [, day = "", time = "00:00", seconds = "00"] = match;
  const wall = Date.parse(`${day}T${time}:${seconds}Z`);
  // Date.parse turns the 30th of February into a day of March.
  if (Number.isNaN(wall) || !new Date(wall).toISOString().startsWith(day)) return undefined;
  return wall - clock.utcOffset(wall) * MINUTE;
}
