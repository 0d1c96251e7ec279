/** What would surprise a person about the dates of a schedule. */
import { describe, expect, test } from "bun:test";

import { nextRun } from "../../src/schedule/next-run.ts";
import { parseSchedule } from "../../src/schedule/schedule.ts";
import { scheduleNotes } from "../../src/schedule/schedule-notes.ts";
import { clockChanges, utcOffset } from "../../src/schedule/wall-time.ts";
import { seededRandom } from "../helpers/random.ts";

const DAY = 86_400_000;

const SPRING = { from: Date.parse("2026-03-20T00:00:00Z"), to: Date.parse("2026-04-10T00:00:00Z") };
const AUTUMN = { from: Date.parse("2026-10-20T00:00:00Z"), to: Date.parse("2026-11-10T00:00:00Z") };

function notes(
  expression: string,
  span = SPRING,
  timezone: string | undefined = "Europe/Rome",
): readonly string[] {
  return scheduleNotes(parseSchedule({ expression, timezone, jitterMs: 0, catchUp: true }), span);
}

describe("days that are missing", () => {
  const CASES: readonly (readonly [expression: string, notes: readonly string[]])[] = [
    ["monthly on 28 at 03:00", []],
    ["monthly on 29 at 03:00", ["February has a 29th in leap years only; others skip it"]],
    ["monthly on 30 at 03:00", ["February has no 30th: skipped"]],
    ["monthly on 31 at 03:00", ["February, April, June, September and November have no 31st: skipped"]],
    ["0 3 31 1,3,4 *", ["April has no 31st: skipped"]],
    ["0 3 29 3 *", []],
    ["0 3 L * *", []],
    ["0 3 * * *", []],
    ["every 6h", []],
    ["manual", []],
  ];
  for (const [expression, expected] of CASES)
    test(expression, () => expect(notes(expression)).toEqual([...expected]));
});

describe("clocks that change", () => {
  test("forward: a time of day is made up for, a rhythm has no run", () => {
    expect(notes("daily at 02:30")).toEqual([
      "on 29 March the clock goes forward past 02:30: runs at 03:00 instead",
    ]);
    expect(notes("*/20 2 * * *")).toEqual([
      "on 29 March the clock goes forward past 02:00, 02:20 and 02:40: no run then",
    ]);
    expect(notes("*/10 2-6 * * *")).toEqual([
      "on 29 March the clock goes forward past 02:00 to 02:50: no run then",
    ]);
  });

  test("back: a time of day runs once, a rhythm runs on", () => {
    expect(notes("daily at 02:30", AUTUMN)).toEqual([
      "on 25 October the clock goes back and 02:30 comes twice: runs the first time only",
    ]);
    expect(notes("0,30 2 * * *", AUTUMN)).toEqual([
      "on 25 October the clock goes back and 02:00 and 02:30 come twice: runs the first time only",
    ]);
    expect(notes("*/30 2 * * *", AUTUMN)).toEqual([
      "on 25 October the clock goes back and 02:00 and 02:30 come twice: runs both times",
    ]);
  });

  test("on another day or hour, in another zone, or beyond what is shown: no word", () => {
    for (const expression of [
      "daily at 03:00",
      "weekly on mon at 02:30",
      "monthly on 28 at 02:30",
      "*/30 * * * *",
    ])
      expect(notes(expression)).toEqual([]);
    expect(notes("daily at 02:30", SPRING, "Asia/Tokyo")).toEqual([]);
    expect(notes("daily at 02:30", { ...SPRING, to: Date.parse("2026-03-28T12:00:00Z") })).toEqual([]);
  });

  test("on the last day of a month, by date or by weekday", () => {
    const lisbon = { from: Date.parse("2024-03-01T00:00:00Z"), to: Date.parse("2024-04-10T00:00:00Z") };
    const skipped = ["on 31 March the clock goes forward past 01:30: runs at 02:00 instead"];
    expect(notes("30 1 L * *", lisbon, "Europe/Lisbon")).toEqual(skipped);
    expect(notes("30 1 5 * 0", lisbon, "Europe/Lisbon")).toEqual(skipped);
  });
});

test("the offset of a zone, and when it changes", () => {
  expect(utcOffset(Date.parse("2026-07-01T00:00:00Z"), "Asia/Kathmandu")).toBe(345);
  expect(utcOffset(Date.parse("2026-07-01T00:00:00.500Z"), "America/St_Johns")).toBe(-150);
  const year = { from: Date.parse("2026-01-01T00:00:00Z"), to: Date.parse("2027-01-01T00:00:00Z") };
  expect(clockChanges(year, "Europe/Rome")).toEqual([
    { at: Date.parse("2026-03-29T01:00:00Z"), before: 60, after: 120 },
    { at: Date.parse("2026-10-25T01:00:00Z"), before: 120, after: 60 },
  ]);
  expect(clockChanges(year, "Asia/Tokyo")).toEqual([]);
  expect(
    clockChanges({ from: year.from, to: Date.parse("2026-03-29T01:00:00Z") }, "Europe/Rome"),
  ).toHaveLength(1);
  expect(utcOffset(year.from, undefined)).toBe(0 - new Date(year.from).getTimezoneOffset());
});

test("what is said about clocks is what the calendar does", () => {
  const random = seededRandom(29_03);
  const changes = [
    ["Europe/Rome", "2026-03-29T01:00:00Z"],
    ["Europe/Rome", "2026-10-25T01:00:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T15:30:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T15:00:00Z"],
  ] as const;
  let said = 0;
  for (let round = 0; round < 400; round++) {
    const [timezone, moment] = random.pick(changes);
    const at = Date.parse(moment);
    const minutes = random.pick(["0", "15", "30", "0,45", "*/20", "10-20"]);
    const expression = `${minutes} ${random.pick(["1", "2", "1,2", "2-4", "*/2", "2,14"])} * * ${random.pick(["*", "0", "1-6"])}`;
    const schedule = parseSchedule({ expression, timezone, jitterMs: 0, catchUp: true });
    const [note] = scheduleNotes(schedule, { from: at - DAY, to: at + DAY });
    if (note === undefined) continue;
    said++;
    const length = Math.abs(utcOffset(at, timezone) - utcOffset(at - 1000, timezone)) * 60_000;
    const runsIn = (from: number, to: number): boolean => (nextRun(schedule, from - 1) ?? to) < to;
    const facts: Readonly<Record<string, () => boolean>> = {
      instead: () => nextRun(schedule, at - 1) === at,
      "no run then": () => !runsIn(at - 1000, at),
      "first time only": () => runsIn(at - length, at) && !runsIn(at, at + length),
      "both times": () => runsIn(at - length, at) && runsIn(at, at + length),
    };
    const [, holds] = Object.entries(facts).find(([words]) => note.includes(words)) ?? [];
    expect([expression, timezone, note, holds?.()]).toEqual([expression, timezone, note, true]);
  }
  expect(said).toBeGreaterThan(100);
});
