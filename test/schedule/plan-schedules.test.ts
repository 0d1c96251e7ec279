/** What is due at a look at the clock, and what is remembered: one run for whatever was missed, never two. */
import { describe, expect, test } from "bun:test";

import {
  LONGEST_WAIT_MS,
  planSchedules,
  type PlanInput,
  type SchedulePlan,
} from "../../src/schedule/plan-schedules.ts";
import { parseSchedule } from "../../src/schedule/schedule.ts";
import { CATCH_UP_SPREAD_MS, MISSED_AFTER_MS } from "../../src/schedule/schedule-step.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NOON = Date.parse("2026-03-02T12:00:00Z");

type Words = { readonly jitterMs?: number; readonly catchUp?: boolean };

function scheduled(expression: string, { jitterMs = 0, catchUp = true }: Words = {}) {
  return parseSchedule({ expression, timezone: "UTC", jitterMs, catchUp });
}

/** One source with these schedules; each look begins with what the one before left in the store. */
function daemon(...schedules: readonly ReturnType<typeof scheduled>[]) {
  let rows: PlanInput["rows"] = [];
  return (
    now: number,
    { lastRunAt, starting = false }: { readonly lastRunAt?: number; readonly starting?: boolean } = {},
  ): SchedulePlan => {
    const sources = [{ name: "notes", schedules, lastRunAt }];
    const plan = planSchedules({ now, starting, device: "laptop", sources, rows });
    rows = plan.rows;
    return plan;
  };
}

const summary = (plan: SchedulePlan) => plan.due.map(({ cause, dueSince }) => [cause, dueSince]);

describe("a calendar", () => {
  test("is due at its time and not before, once", () => {
    const look = daemon(scheduled("daily at 13:00"));
    expect(look(NOON)).toMatchObject({ due: [], rows: [{ nextAt: NOON + HOUR, lastAt: undefined }] });
    expect(look(NOON + HOUR - 1).due).toEqual([]);
    const plan = look(NOON + HOUR);
    expect(plan.due).toMatchObject([
      { source: "notes", cause: "schedule", dueSince: NOON + HOUR, notBefore: NOON + HOUR },
    ]);
    expect(plan.changes).toEqual({
      saved: [
        {
          source: "notes",
          expression: "daily at 13:00 (UTC)",
          nextAt: NOON + HOUR + DAY,
          lastAt: NOON + HOUR,
        },
      ],
      lost: [],
    });
    expect(look(NOON + HOUR + 1).due).toEqual([]);
  });

  test("that was missed, however often, is made up for once, within a minute of the return", () => {
    const look = daemon(scheduled("daily at 13:00"));
    look(NOON);
    const back = NOON + 5 * DAY;
    const [due] = look(back).due;
    expect(due).toMatchObject({ cause: "catch-up", dueSince: NOON + HOUR });
    expect(due?.notBefore).toBeWithin(back, back + CATCH_UP_SPREAD_MS);
    expect(look(back + MINUTE).due).toEqual([]);
    expect(summary(look(back + HOUR))).toEqual([["schedule", back + HOUR]]);
  });

  test("that is late by a moment only was not missed", () => {
    const look = daemon(scheduled("daily at 13:00", { catchUp: false }));
    look(NOON);
    expect(summary(look(NOON + HOUR + MISSED_AFTER_MS))).toEqual([["schedule", NOON + HOUR]]);
  });

  test("without catch_up lets pass what was missed, and says so", () => {
    const look = daemon(scheduled("daily at 13:00", { catchUp: false }));
    look(NOON);
    const plan = look(NOON + 2 * DAY);
    expect(plan.due).toEqual([]);
    expect(plan.skipped).toMatchObject([{ missedAt: NOON + HOUR, nextAt: NOON + 2 * DAY + HOUR }]);
    expect(plan.rows).toMatchObject([{ nextAt: NOON + 2 * DAY + HOUR, lastAt: undefined }]);
    expect(look(NOON + 2 * DAY + MINUTE).skipped).toEqual([]);
  });

  test("without catch_up still takes the occurrence of this moment", () => {
    const look = daemon(scheduled("0 * * * *", { catchUp: false }));
    look(NOON + 1);
    expect(summary(look(NOON + 5 * HOUR + MINUTE))).toEqual([["schedule", NOON + 5 * HOUR]]);
  });

  test("follows a time zone that the machine has changed to", () => {
    const rome = parseSchedule({
      expression: "daily at 02:00",
      timezone: "Europe/Rome",
      jitterMs: 0,
      catchUp: true,
    });
    const tokyo = { ...rome, timezone: "Asia/Tokyo" };
    const look = (schedule: typeof rome, rows: PlanInput["rows"]) =>
      planSchedules({
        now: NOON,
        starting: false,
        device: "laptop",
        sources: [{ name: "notes", schedules: [schedule], lastRunAt: undefined }],
        rows,
      }).rows;
    const before = look(rome, []);
    expect(before).toMatchObject([{ nextAt: Date.parse("2026-03-03T01:00:00Z") }]);
    expect(look(tokyo, before)).toMatchObject([{ nextAt: Date.parse("2026-03-02T17:00:00Z") }]);
  });
});

describe("an interval", () => {
  test("of a source that never ran is due at once", () => {
    const look = daemon(scheduled("every 6h"));
    expect(summary(look(NOON))).toEqual([["schedule", NOON]]);
    expect(look(NOON + 6 * HOUR - 1).due).toEqual([]);
    expect(summary(look(NOON + 6 * HOUR))).toEqual([["schedule", NOON + 6 * HOUR]]);
  });

  test("counts from the last run, whoever asked for it, not from the start of the daemon", () => {
    expect(daemon(scheduled("every 6h"))(NOON, { lastRunAt: NOON - HOUR }).rows).toMatchObject([
      { nextAt: NOON + 5 * HOUR },
    ]);
    const look = daemon(scheduled("every 6h"));
    look(NOON);
    expect(look(NOON + 5 * HOUR, { lastRunAt: NOON + 4 * HOUR }).rows).toMatchObject([
      { nextAt: NOON + 10 * HOUR },
    ]);
    expect(look(NOON + 6 * HOUR, { lastRunAt: NOON + 4 * HOUR }).due).toEqual([]);
    expect(look(NOON + 10 * HOUR, { lastRunAt: NOON + 4 * HOUR }).due).toHaveLength(1);
  });

  test("that was missed is made up for once, and counts from then", () => {
    const look = daemon(scheduled("every 6h"));
    look(NOON);
    expect(summary(look(NOON + 3 * DAY))).toEqual([["catch-up", NOON + 6 * HOUR]]);
    expect(look(NOON + 3 * DAY + MINUTE).rows).toMatchObject([{ nextAt: NOON + 3 * DAY + 6 * HOUR }]);
  });

  test("without catch_up keeps its beat", () => {
    const look = daemon(scheduled("every 6h", { catchUp: false }));
    look(NOON);
    expect(look(NOON + 3 * DAY + HOUR).skipped).toMatchObject([{ nextAt: NOON + 3 * DAY + 6 * HOUR }]);
  });

  test("believes no run of the future", () => {
    const look = daemon(scheduled("every 6h"));
    expect(look(NOON, { lastRunAt: NOON + 900 * DAY }).rows).toMatchObject([{ nextAt: NOON + 6 * HOUR }]);
    expect(look(NOON + 6 * HOUR, { lastRunAt: NOON + 900 * DAY }).due).toHaveLength(1);
  });
});

describe("the other kinds", () => {
  test("`on start` is due at the start of the daemon only", () => {
    const look = daemon(scheduled("on start"));
    expect(look(NOON)).toMatchObject({ due: [], rows: [], wakeAt: undefined });
    expect(look(NOON + 1, { starting: true }).due).toMatchObject([
      { cause: "start", dueSince: NOON + 1, notBefore: NOON + 1 },
    ]);
    expect(look(NOON + DAY)).toMatchObject({ due: [], rows: [{ nextAt: undefined, lastAt: NOON + 1 }] });
    expect(look(NOON + DAY, { starting: true }).due).toHaveLength(1);
  });

  test("`manual` never is, and needs no row", () => {
    expect(daemon(scheduled("manual"))(NOON, { starting: true })).toMatchObject({ due: [], rows: [] });
  });
});

describe("a clock that was set back", () => {
  const CASES: readonly (readonly [
    what: string,
    words: string,
    back: number,
    wait: readonly [number, number],
  ])[] = [
    ["by seconds repeats nothing", "daily at 12:00", 5_000, [DAY, DAY + 5_000]],
    ["by an hour repeats nothing", "daily at 12:00", HOUR, [DAY, DAY + HOUR]],
    [
      "by an hour holds up a quick schedule no longer than two gaps",
      "*/10 * * * *",
      HOUR,
      [10 * MINUTE, 20 * MINUTE],
    ],
    ["by a day goes on a day later", "daily at 12:00", DAY, [DAY, DAY]],
    [
      "by a day and an hour does not repeat at once",
      "daily at 12:00",
      DAY + HOUR,
      [15 * HOUR, DAY + 15 * HOUR],
    ],
    [
      "by years goes on within a gap and the tolerance",
      "daily at 12:00",
      3 * 365 * DAY,
      [15 * HOUR, DAY + 15 * HOUR],
    ],
    [
      "by years holds up a weekly one by a week",
      "weekly on mon at 12:00",
      1000 * DAY,
      [15 * HOUR, 7 * DAY + 15 * HOUR],
    ],
    ["by years does not stop an interval", "every 6h", 3 * 365 * DAY, [6 * HOUR, 6 * HOUR]],
  ];
  for (const [what, words, back, [least, most]] of CASES) {
    test(what, () => {
      const look = daemon(scheduled(words));
      look(NOON - 1);
      expect(look(NOON).rows).toHaveLength(1);
      const now = NOON - back;
      const { due, rows } = look(now);
      expect(due).toEqual([]);
      const wait = (rows[0]?.nextAt ?? 0) - now;
      expect(wait).toBeGreaterThanOrEqual(least);
      expect(wait).toBeLessThanOrEqual(most);
      // And it does not recede while time goes on.
      expect(look(now + wait - 1)).toMatchObject({ due: [], rows: [{ nextAt: now + wait }] });
      expect(look(now + wait).due).toHaveLength(1);
    });
  }

  test("after a jump to a year to come is what it was before, but for one run", () => {
    const look = daemon(scheduled("daily at 13:00"));
    look(NOON);
    expect(look(NOON + 4000 * DAY).due).toHaveLength(1);
    expect(look(NOON + 1).due).toEqual([]);
    const late = Array.from({ length: 72 }, (_, hour) => look(NOON + 2 + hour * HOUR).due.length);
    // Of three occurrences the first lies within the tolerance of the run that came too early.
    expect(late.reduce((sum, one) => sum + one, 0)).toBe(2);
  });
});

describe("jitter", () => {
  const plan = (device: string, source: string, jitterMs: number) => {
    const schedules = [scheduled("0 * * * *", { jitterMs })];
    const input = { starting: false, device, sources: [{ name: source, schedules, lastRunAt: undefined }] };
    const { rows } = planSchedules({ ...input, now: NOON + 1, rows: [] });
    return planSchedules({ ...input, now: NOON + HOUR, rows }).due[0]?.notBefore ?? 0;
  };

  test("is the same whenever it is asked for, and differs by source and device", () => {
    const delays = ["a", "b", "c"].flatMap((device) =>
      ["x", "y"].map((source) => plan(device, source, 10 * MINUTE)),
    );
    expect(new Set(delays).size).toBe(6);
    for (const at of delays) expect(at).toBeWithin(NOON + HOUR, NOON + HOUR + 10 * MINUTE);
    expect(plan("a", "x", 10 * MINUTE)).toBe(delays[0] ?? 0);
  });

  test("spreads over its whole length", () => {
    const delays = Array.from(
      { length: 1000 },
      (_, one) => plan("a", `source-${one}`, 10 * MINUTE) - NOON - HOUR,
    );
    for (let part = 0; part < 10; part++)
      expect(delays.filter((delay) => Math.floor(delay / MINUTE) === part).length).toBeWithin(60, 140);
  });

  test("never reaches the next occurrence", () => {
    for (let one = 0; one < 200; one++)
      expect(plan("a", `source-${one}`, 30 * DAY)).toBeLessThan(NOON + 2 * HOUR);
  });
});

describe("the rows", () => {
  const source = (name: string, ...words: readonly string[]) => ({
    name,
    schedules: words.map((one) => scheduled(one)),
    lastRunAt: undefined,
  });
  const plan = (sources: PlanInput["sources"], rows: PlanInput["rows"], now = NOON) =>
    planSchedules({ now, starting: false, device: "laptop", sources, rows });

  test("of schedules that are gone are lost, and a changed one starts anew", () => {
    const before = plan([source("a", "daily at 13:00"), source("b", "daily at 14:00", "0 3 * * *")], []);
    const after = plan([source("b", "daily at 15:00", "0 3 * * *")], before.rows, NOON + 3 * HOUR + 1);
    expect(after.due).toEqual([]);
    expect(after.changes.lost).toEqual([
      { source: "a", expression: "daily at 13:00 (UTC)" },
      { source: "b", expression: "daily at 14:00 (UTC)" },
    ]);
    expect(after.changes.saved).toMatchObject([
      { source: "b", expression: "daily at 15:00 (UTC)", nextAt: NOON + DAY + 3 * HOUR },
    ]);
  });

  test("know a schedule that is written a little differently", () => {
    const { rows } = plan([source("a", "Daily  at 13:00")], []);
    expect(plan([source("a", "daily at 13:00 ")], rows).changes).toEqual({ saved: [], lost: [] });
  });

  test("hold a schedule that is listed twice once", () => {
    const listed = [source("a", "daily at 13:00", "daily at 13:00")];
    const { rows } = plan(listed, []);
    expect(rows).toHaveLength(1);
    expect(plan(listed, rows, NOON + HOUR).due).toHaveLength(1);
  });

  test("that were not stored before a crash give the same plan again", () => {
    const sources = [source("a", "daily at 13:00")];
    const { rows } = plan(sources, []);
    expect(plan(sources, rows, NOON + HOUR)).toEqual(plan(sources, rows, NOON + HOUR));
  });
});

test("the next look is at the next occurrence, at the latest in a minute", () => {
  const look = daemon(scheduled("daily at 13:00"), scheduled("daily at 12:30"));
  expect(look(NOON).wakeAt).toBe(NOON + LONGEST_WAIT_MS);
  expect(look(NOON + 29.5 * MINUTE).wakeAt).toBe(NOON + 30 * MINUTE);
});

describe("a clock that is out of all bounds", () => {
  const EXTREMES = [0, 1000, -1, Date.UTC(2999, 11, 31, 23), Date.UTC(3001, 0, 1), Date.UTC(9999, 0, 1)];
  for (const extreme of EXTREMES) {
    test(`at ${new Date(extreme).toISOString()} holds nothing up once it is right`, () => {
      for (const words of ["daily at 13:00", "every 6h", "0 0 29 2 *"]) {
        const look = daemon(scheduled(words));
        look(extreme);
        look(extreme + MINUTE);
        const { due, rows } = look(NOON);
        expect(due.length).toBeLessThanOrEqual(1);
        expect(rows[0]?.nextAt).toBeGreaterThan(NOON);
        expect(rows[0]?.nextAt).toBeLessThan(NOON + 3 * 365 * DAY);
      }
    });
  }
});
