import { expect, test } from "bun:test";

import type { SourceSchedule } from "../../../src/app/get-schedule.ts";
import type { Look } from "../../../src/cli/print/look.ts";
import { scheduleLines } from "../../../src/cli/print/schedule.ts";
import { localDay, timeLeft } from "../../../src/cli/print/times.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { listUpcoming } from "../../../src/schedule/upcoming.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const clock = fakeClock("2026-03-02T12:00:00Z");
const NOW = clock.now();
const HOUR = 3_600_000;
const look: Look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock,
  width: undefined,
  home: "/home/me",
};

type Config = Parameters<typeof listUpcoming>[0]["schedules"][number];

function source(configs: readonly Partial<Config>[], more: Partial<SourceSchedule> = {}): SourceSchedule {
  const schedules = configs.map((config) => ({
    expression: "every 6h",
    timezone: undefined,
    jitterMs: 0,
    catchUp: true,
    ...config,
  }));
  return {
    name: "notes",
    kind: "repo",
    enabled: true,
    paused: undefined,
    lastRun: undefined,
    watch: undefined,
    schedules: listUpcoming({
      source: "notes",
      schedules,
      rows: [
        { source: "notes", expression: "daily at 02:00 (utc)", nextAt: NOW - 10 * HOUR, lastAt: undefined },
      ],
      lastRunAt: undefined,
      device: "laptop",
      now: NOW,
      count: 2,
    }),
    ...more,
  };
}

test("each schedule in words, with its next runs and what is odd about them", () => {
  const notes = source(
    [
      {},
      { expression: "*/30 9-18 * * 1-5", timezone: "America/New_York" },
      { expression: "monthly on 31 at 23:00", timezone: "Pacific/Auckland" },
      { expression: "15 0 4 * * *", timezone: "UTC", jitterMs: HOUR, catchUp: false },
      { expression: "daily at 02:00", timezone: "utc" },
    ],
    { watch: { quietMs: 5000, maxWaitMs: 60_000 } },
  );
  expect(scheduleLines([notes, source([{ expression: "manual" }], { name: "work" })], look)).toEqual([
    "notes  never synced yet",
    "  every 6 hours",
    "    as soon as the daemon runs",
    "    Mon 2026-03-02 18:00  in 6 h",
    "  every 30 minutes from 09:00 to 18:30, Monday to Friday, America/New_York  */30 9-18 * * 1-5",
    "    Mon 2026-03-02 14:00  in 2 h, 09:00 in America/New_York",
    "    Mon 2026-03-02 14:30  in 2 h 30 min, 09:30 in America/New_York",
    "  on the 31st of every month at 23:00, Pacific/Auckland",
    "    Tue 2026-03-31 10:00  in 29 days, 23:00 in Pacific/Auckland",
    "    Sun 2026-05-31 11:00  in 90 days, 23:00 in Pacific/Auckland",
    "    ! February, April, June, September and November have no 31st: skipped",
    expect.stringMatching(/^ {2}daily at 04:00:15, UTC; what is missed is skipped {2}15 0 4/),
    expect.stringMatching(
      /^ {4}Tue 2026-03-03 04:00:15 {2}in 16 h 1 min, starts [\d.]+ (s|min( \d+ s)?) later \(jitter\)$/,
    ),
    expect.stringMatching(/^ {4}Wed 2026-03-04 04:00:15 {2}in 1 d 16 h, starts/),
    "  daily at 02:00, utc",
    "    Mon 2026-03-02 02:00  is past: made up for as soon as the daemon runs",
    "    Tue 2026-03-03 02:00  in 14 h",
    "  on changes of files, when they have rested for 5 s, after 1 min at the latest",
    "",
    "work  never synced yet",
    "  only when asked for",
  ]);
});

test("a source that rests says why, and hostile words stay harmless", () => {
  const off = source([{ expression: "manual" }], { enabled: false });
  expect(scheduleLines([off], look)[1]).toBe(
    "  ! switched off (`enabled: false`): only `lull sync notes` syncs it",
  );
  const pause = { source: "notes", since: NOW, until: NOW + 2 * HOUR, reason: "on\u001B[31m holiday" };
  expect(scheduleLines([source([], { paused: pause })], look)[1]).toBe(
    "  ! paused until 14:00 (on\\x1b[31m holiday)",
  );
  const open = source([], { paused: { ...pause, until: undefined, reason: "paused by ada" } });
  expect(scheduleLines([open], look)[1]).toBe("  ! paused until `lull resume notes` (by ada)");
  const all = source([], { paused: { ...pause, source: "*", until: undefined, reason: "" } });
  expect(scheduleLines([all], look)[1]).toBe("  ! paused with all others until `lull resume`");
  expect(scheduleLines([], look)).toEqual(["No sources yet. Take in a folder with `lull add FOLDER`."]);
});

test("the time of another zone carries its date where that is another day", () => {
  const tokyo = source([{ expression: "daily at 08:00", timezone: "Asia/Tokyo" }]);
  expect(scheduleLines([tokyo], look)[2]).toBe(
    "    Mon 2026-03-02 23:00  in 11 h, Tue 2026-03-03 08:00 in Asia/Tokyo",
  );
});

test("times ahead grow coarser with distance", () => {
  const words = [1, 30_000, 60_000, 61_000, 2.25 * HOUR, 27 * HOUR, 47 * HOUR, 12 * 24 * HOUR];
  expect(words.map((wait) => timeLeft(NOW + wait, clock))).toEqual([
    "in 1 s",
    "in 30 s",
    "in 1 min",
    "in 2 min",
    "in 2 h 15 min",
    "in 1 d 3 h",
    "in 1 d 23 h",
    "in 12 days",
  ]);
  expect(localDay(NOW + 1000, clock)).toBe("Mon 2026-03-02 12:00");
  expect(localDay(NOW + 1000, clock, "second")).toBe("Mon 2026-03-02 12:00:01");
});
