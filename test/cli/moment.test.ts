import { expect, test } from "bun:test";

import { readMoment } from "../../src/cli/moment.ts";
import { fakeClock } from "../helpers/fake-clock.ts";

// 2026-03-05 10:30 UTC, in a zone two hours ahead: 12:30.
const now = Date.UTC(2026, 2, 5, 10, 30);
const clock = { ...fakeClock(now), now: () => now, utcOffset: () => 120 };
const shown = (text: string): string | undefined => {
  const at = readMoment(text, clock);
  return at === undefined ? undefined : new Date(at + 120 * 60_000).toISOString().slice(0, 16);
};

test.each([
  ["2h", "2026-03-05T10:30"],
  ["90m", "2026-03-05T11:00"],
  ["2d ago", "2026-03-03T12:30"],
  ["2 days ago", "2026-03-03T12:30"],
  ["1 day 2 hours ago", "2026-03-04T10:30"],
  ["an hour ago", "2026-03-05T11:30"],
  ["3 weeks ago", "2026-02-12T12:30"],
  ["today 09:00", "2026-03-05T09:00"],
  ["yesterday", "2026-03-04T00:00"],
  ["yesterday at 14:00", "2026-03-04T14:00"],
  ["09:15", "2026-03-05T09:15"],
  ["23:15", "2026-03-04T23:15"],
  ["2026-02-28", "2026-02-28T00:00"],
  ["2026-02-28 14:05", "2026-02-28T14:05"],
  ["2026-02-28T14:05:10", "2026-02-28T14:05"],
])("%s", (text, expected) => expect(shown(text)).toBe(expected));

test.each(["", "2026-02-30", "25:00", "yesterday 9", "HEAD~1", "main", "20260301T140509Z", "soon", "ago"])(
  "%p is no time",
  (text) => expect(readMoment(text, clock)).toBeUndefined(),
);
