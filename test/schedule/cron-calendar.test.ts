/** croner behind lull's grammar, against a plain stepper through real time, and around the change of clocks. */
import { describe, expect, test } from "bun:test";

import { cronProblem } from "../../src/config/cron-text.ts";
import { nextRun } from "../../src/schedule/next-run.ts";
import { parseSchedule, type Schedule } from "../../src/schedule/schedule.ts";
import { type Random, seededRandom } from "../helpers/random.ts";
import { readFields, steppedRuns } from "./cron-brute-force.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function cron(expression: string, timezone?: string): Schedule {
  return parseSchedule({ expression, timezone, jitterMs: 0, catchUp: true });
}

function runs(schedule: Schedule, after: number, until: number): readonly number[] {
  const found: number[] = [];
  for (let at = nextRun(schedule, after); at !== undefined && at <= until; at = nextRun(schedule, at))
    found.push(at);
  return found;
}

type Range = readonly [low: number, high: number, names?: readonly string[]];

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ");
const DAYS = "sun mon tue wed thu fri sat".split(" ");
const RANGES: readonly Range[] = [
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12, MONTHS],
  [0, 7, DAYS],
];

function randomField(random: Random, [low, high, names]: Range, star: number): string {
  if (random.chance(star)) return random.pick(["*", "*", "*", "?", "*/1"]);
  return Array.from({ length: 1 + random.below(3) }, () => {
    const value = low + random.below(high - low + 1);
    const last = value + random.below(high - value + 1);
    const named = names?.[value - low];
    return random.pick([
      String(value),
      String(value),
      named === undefined || random.chance(0.5) ? String(value) : named,
      `${value}-${last}`,
      `${value}-${last}/${1 + random.below(7)}`,
      `*/${1 + random.below(high)}`,
      `${value}/${1 + random.below(high)}`,
      ...(low === 1 && high === 31 ? ["L"] : []),
      ...(names === DAYS ? ["fri-sun", "mon-fri", "7", "5-7"] : []),
    ]);
  }).join(",");
}

function randomExpression(random: Random): string {
  const stars = [0.15, 0.3, 0.6, 0.7, 0.6];
  const fields = RANGES.map((range, index) => randomField(random, range, stars[index] ?? 0));
  return fields.join(" ");
}

describe("whatever the grammar accepts", () => {
  test("fires, at the time that a stepper through real time finds first (minutes)", () => {
    const random = seededRandom(20_261_121);
    let compared = 0;
    for (let round = 0; round < 1500; round++) {
      const expression = randomExpression(random);
      if (cronProblem(expression) !== undefined) continue;
      const after = Date.UTC(
        2024 + random.below(6),
        random.below(12),
        1 + random.below(28),
        random.below(24),
        7,
      );
      const next = nextRun(cron(expression, "UTC"), after);
      if (next === undefined)
        throw new Error(`${expression} never fires after ${new Date(after).toISOString()}`);
      // Rare ones would be stepped to for minutes; of them the day of the occurrence is looked at.
      const from = next - after > 2 * DAY ? next - 6 * HOUR : after;
      const stepped = steppedRuns(readFields(expression), "UTC", from, next);
      expect([expression, new Date(after).toISOString(), stepped]).toEqual([
        expression,
        new Date(after).toISOString(),
        [next],
      ]);
      compared++;
    }
    expect(compared).toBeGreaterThan(1200);
  });

  test("fires within eight years, as the 29th of February does around 2100", () => {
    const random = seededRandom(4);
    for (let round = 0; round < 2000; round++) {
      const expression = randomExpression(random);
      if (cronProblem(expression) !== undefined) continue;
      const next = nextRun(cron(expression, "UTC"), Date.UTC(2096, 2, 1)) ?? Number.POSITIVE_INFINITY;
      expect([expression, next < Date.UTC(2104, 2, 1)]).toEqual([expression, true]);
    }
  });

  test("with seconds", () => {
    const random = seededRandom(11);
    for (let round = 0; round < 60; round++) {
      const expression = `${randomField(random, [0, 59], 0.3)} ${randomField(random, [0, 59], 0.6)} ${randomField(random, [0, 23], 0.8)} * * *`;
      if (cronProblem(expression) !== undefined) throw new Error(`${expression} was refused`);
      const after = Date.UTC(
        2026,
        random.below(12),
        1 + random.below(28),
        random.below(24),
        random.below(60),
      );
      const until = after + 20 * 60_000;
      expect([expression, runs(cron(expression, "UTC"), after, until)]).toEqual([
        expression,
        steppedRuns(readFields(expression), "UTC", after, until),
      ]);
    }
  });

  // An hour, half an hour, at midnight, in the south, on the other day of a Friday; none.
  const ZONES: readonly (readonly [zone: string, around: string])[] = [
    ["Europe/Rome", "2026-03-29"],
    ["Europe/Rome", "2026-10-25"],
    ["America/New_York", "2026-03-08"],
    ["America/New_York", "2026-11-01"],
    ["Australia/Lord_Howe", "2026-04-05"],
    ["Australia/Lord_Howe", "2026-10-04"],
    ["Africa/Cairo", "2026-04-24"],
    ["Africa/Cairo", "2026-10-30"],
    ["America/Santiago", "2026-09-06"],
    ["Asia/Kathmandu", "2026-05-05"],
  ];
  for (const [zone, around] of ZONES) {
    test(`keeps its rules when clocks change: ${zone}, ${around}`, () => {
      const random = seededRandom(Date.parse(around) % 1000);
      const after = Date.parse(`${around}T00:00:00Z`) - DAY;
      for (let round = 0; round < 12; round++) {
        const hours = random.pick(["*", "2", "0", "1,2,3", "0-3", "2,14", "*/2", "1-3/2", "23", "0,23"]);
        const minutes = random.pick(["*/30", "30", "0", "0,30", "15", "*/7", "59", "10-40", "5/20"]);
        const expression = `${minutes} ${hours} * * ${random.pick(["*", "*", "5-7", "0"])}`;
        expect([expression, runs(cron(expression, zone), after, after + 2.5 * DAY)]).toEqual([
          expression,
          steppedRuns(readFields(expression), zone, after, after + 2.5 * DAY),
        ]);
      }
    });
  }
});

describe("when clocks change", () => {
  const rome = (expression: string) => cron(expression, "Europe/Rome");
  const iso = (times: readonly number[]) => times.map((at) => new Date(at).toISOString().slice(5, 16));

  test("a time of day that does not exist is made up for when the clock has gone forward", () => {
    const from = Date.parse("2026-03-28T12:00:00Z");
    expect(iso(runs(rome("daily at 02:30"), from, from + 2 * DAY))).toEqual(["03-29T01:00", "03-30T00:30"]);
    // 02:00 and 02:30 both become 03:00, which is one run.
    expect(iso(runs(rome("0,30 2 * * *"), from, from + DAY))).toEqual(["03-29T01:00"]);
  });

  test("a time of day that comes twice is due the first time only", () => {
    const from = Date.parse("2026-10-24T12:00:00Z");
    for (const words of ["daily at 02:30", "weekly on sun at 02:30", "monthly on 25 at 02:30"])
      expect(iso(runs(rome(words), from, from + DAY))).toEqual(["10-25T00:30"]);
    // Also when it is asked for between the two.
    expect(iso(runs(rome("daily at 02:30"), Date.parse("2026-10-25T00:45:00Z"), from + 2 * DAY))).toEqual([
      "10-26T01:30",
    ]);
  });

  test("a rhythm goes on as time does", () => {
    const spring = Date.parse("2026-03-29T00:00:00Z");
    expect(iso(runs(rome("*/30 * * * *"), spring, spring + 2 * HOUR))).toEqual([
      "03-29T00:30",
      "03-29T01:00",
      "03-29T01:30",
      "03-29T02:00",
    ]);
    expect(runs(rome("*/30 2 * * *"), spring, spring + 23 * HOUR)).toEqual([]);
    const autumn = Date.parse("2026-10-24T23:59:00Z");
    expect(runs(rome("*/30 2 * * *"), autumn, autumn + DAY)).toHaveLength(4);
  });

  test("a date that a time zone left out is no occurrence", () => {
    // Samoa had no 30 December 2011.
    const samoa = cron("monthly on 30 at 09:00", "Pacific/Apia");
    expect(iso(runs(samoa, Date.UTC(2011, 10, 1), Date.UTC(2012, 0, 31)))).toEqual([
      "11-30T19:00",
      "01-29T19:00",
    ]);
  });
});

test("the same question gets the same answer, in whatever order it is asked", () => {
  const random = seededRandom(7);
  const expressions = ["*/20 * * * *", "daily at 02:30", "0 0 31 * *", "0 12 29 2 *"];
  for (let round = 0; round < 500; round++) {
    const schedule = cron(random.pick(expressions), "Europe/Rome");
    const after = Date.UTC(2026, 2, 28) + random.below(3 * DAY);
    const next = nextRun(schedule, after) ?? 0;
    expect(next).toBeGreaterThan(after);
    expect(nextRun(schedule, next - 1)).toBe(next);
    expect(nextRun(schedule, after + random.below(next - after))).toBe(next);
  }
});

test("an interval counts from its last run, on a grid, and from now without one", () => {
  const hours = parseSchedule({ expression: "Every  6h", timezone: undefined, jitterMs: 0, catchUp: true });
  expect(nextRun(hours, 100 * HOUR, 99 * HOUR)).toBe(105 * HOUR);
  expect(nextRun(hours, 105 * HOUR, 99 * HOUR)).toBe(111 * HOUR);
  expect(nextRun(hours, 100 * HOUR)).toBe(106 * HOUR);
  // The anchor of a clock that was wrong.
  expect(nextRun(hours, 100 * HOUR, 200 * HOUR)).toBe(206 * HOUR);
});
