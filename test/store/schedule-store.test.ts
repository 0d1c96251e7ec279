import { expect, test } from "bun:test";
import { join } from "node:path";

import { createStore } from "../../src/store/database.ts";
import type { ScheduleRow } from "../../src/store/schedule-store.ts";
import { createRunStore } from "../../src/store/sqlite-run-store.ts";
import { createScheduleStore } from "../../src/store/sqlite-schedule-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const HOURLY: ScheduleRow = { source: "notes", expression: "every 1h", nextAt: 2000, lastAt: 1000 };
const START: ScheduleRow = { source: "notes", expression: "on start", nextAt: undefined, lastAt: undefined };
const DAILY: ScheduleRow = {
  source: "code",
  expression: "daily at 02:00",
  nextAt: 1_800_000_000_000,
  lastAt: undefined,
};
const RUN = {
  source: "notes",
  outcome: "synced",
  startedAt: 1,
  durationMs: 1,
  filesCommitted: 0,
  commitsReceived: 0,
  commitsSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  cause: "person",
  conflicts: 0,
  message: undefined,
  detail: "{}",
};

test("schedules come back as they were saved, of all sources or of one, after a restart too", () => {
  const file = join(temporaryDirectory(), "lull.db");
  {
    using store = createStore(file);
    createScheduleStore(store).save({ saved: [HOURLY, START, DAILY], lost: [] });
  }
  using store = createStore(file);
  const schedules = createScheduleStore(store);
  expect(schedules.list()).toEqual([DAILY, HOURLY, START]);
  expect(schedules.list("notes")).toEqual([HOURLY, START]);
  expect(schedules.list("unknown")).toEqual([]);
});

test("a saved schedule replaces its former row, and a lost one goes alone", () => {
  using store = createStore(join(temporaryDirectory(), "lull.db"));
  const schedules = createScheduleStore(store);
  schedules.save({ saved: [HOURLY, START, DAILY], lost: [] });
  const later = { ...HOURLY, nextAt: 3000, lastAt: 2000 };
  schedules.save({ saved: [later], lost: [{ source: "notes", expression: "on start" }] });
  expect(schedules.list()).toEqual([DAILY, later]);
});

test("what is written alongside stands or falls with the schedules", () => {
  using store = createStore(join(temporaryDirectory(), "lull.db"));
  const schedules = createScheduleStore(store);
  const runs = createRunStore(store);
  schedules.save({ saved: [HOURLY], lost: [] }, () => void runs.record(RUN));
  expect(runs.list({ limit: 9 })).toHaveLength(1);
  const fails = (): void => {
    runs.record(RUN);
    throw new Error("the power is gone");
  };
  expect(() => schedules.save({ saved: [START], lost: [HOURLY] }, fails)).toThrow("the power is gone");
  expect(schedules.list()).toEqual([HOURLY]);
  expect(runs.list({ limit: 9 })).toHaveLength(1);
});

test("without changes nothing is opened", () => {
  const refuse = (): never => {
    throw new Error("it was opened");
  };
  const store = {
    use: refuse,
    transact: refuse,
    look: refuse,
    [Symbol.dispose]: () => {},
  };
  createScheduleStore(store).save({ saved: [], lost: [] });
});
