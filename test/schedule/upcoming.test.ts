/** What `lull schedule` tells is what the daemon would do. */
import { expect, test } from "bun:test";

import { planSchedules } from "../../src/schedule/plan-schedules.ts";
import { parseSchedule } from "../../src/schedule/schedule.ts";
import { listUpcoming, type UpcomingInput } from "../../src/schedule/upcoming.ts";

const NOON = Date.parse("2026-03-02T12:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function config(expression: string, more: Partial<UpcomingInput["schedules"][number]> = {}) {
  return { expression, timezone: "UTC", jitterMs: 0, catchUp: true, ...more };
}

function upcoming(schedules: UpcomingInput["schedules"], more: Partial<UpcomingInput> = {}) {
  return listUpcoming({
    source: "notes",
    schedules,
    rows: [],
    lastRunAt: NOON - HOUR,
    device: "laptop",
    now: NOON,
    count: 3,
    ...more,
  });
}

const times = (schedules: ReturnType<typeof upcoming>) =>
  schedules.map(({ next }) => next.map(({ at }) => at));

test("a daemon that never ran would start from now, and an interval from its last run", () => {
  const listed = upcoming([
    config("daily at 13:00"),
    config("every 6h"),
    config("manual"),
    config("on start"),
  ]);
  expect(times(listed)).toEqual([
    [NOON + HOUR, NOON + HOUR + DAY, NOON + HOUR + 2 * DAY],
    [NOON + 5 * HOUR, NOON + 11 * HOUR, NOON + 17 * HOUR],
    [],
    [],
  ]);
  expect(listed.map(({ kind, words }) => [kind, words])).toEqual([
    ["cron", "daily at 13:00, UTC"],
    ["interval", "every 6 hours"],
    ["manual", "only when asked for"],
    ["on-start", "at each start of the daemon"],
  ]);
});

test("what is due already comes first, and starts now", () => {
  const rows = [
    { source: "notes", expression: "daily at 13:00 (UTC)", nextAt: NOON - 2 * DAY, lastAt: NOON - 3 * DAY },
  ];
  const [listed] = upcoming([config("daily at 13:00")], { rows });
  expect(listed).toMatchObject({
    lastAt: NOON - 3 * DAY,
    next: [
      { at: NOON - 2 * DAY, startsAt: NOON, due: true, utcOffset: 0 },
      { at: NOON + HOUR, startsAt: NOON + HOUR, due: false },
      {},
    ],
  });
  const [skipping] = upcoming([config("daily at 13:00", { catchUp: false })], { rows });
  expect(skipping?.next[0]).toMatchObject({ at: NOON + HOUR, due: false });
  expect(times(upcoming([config("every 6h")], { lastRunAt: undefined }))).toEqual([
    [NOON, NOON + 6 * HOUR, NOON + 12 * HOUR],
  ]);
});

test("jitter is foretold to the millisecond", () => {
  const jittery = config("daily at 13:00", { jitterMs: HOUR });
  const [listed] = upcoming([jittery]);
  const schedule = parseSchedule(jittery);
  const source = { name: "notes", schedules: [schedule], lastRunAt: undefined };
  const plan = { starting: false, device: "laptop", sources: [source] };
  const { rows } = planSchedules({ ...plan, now: NOON, rows: [] });
  const [due] = planSchedules({ ...plan, now: NOON + HOUR, rows }).due;
  expect(listed?.next[0]?.startsAt).toBe(due?.notBefore ?? 0);
  expect(listed?.next[0]?.startsAt).toBeGreaterThan(NOON + HOUR);
});

test("clocks that change among the shown runs are mentioned, a schedule that is listed twice is shown once", () => {
  const rome = config("daily at 02:30", { timezone: "Europe/Rome" });
  expect(upcoming([rome, rome], { count: 3 })).toMatchObject([{ notes: [] }]);
  expect(upcoming([rome, rome], { count: 40 })).toMatchObject([
    { notes: ["on 29 March the clock goes forward past 02:30: runs at 03:00 instead"] },
  ]);
  expect(upcoming([rome], { count: 0 })).toMatchObject([{ next: [], notes: [] }]);
});
