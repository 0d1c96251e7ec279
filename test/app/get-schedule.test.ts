import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";

import { getSchedule } from "../../src/app/get-schedule.ts";
import { withSources } from "../helpers/with-sources.ts";

test("the persisted state and the last good run are what counts", async () => {
  const { deps, clock } = await withSources("notes", "work");
  const now = clock.now();
  deps.runs.record({
    source: "notes",
    outcome: "synced",
    startedAt: now - 3_600_000,
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
  });
  deps.schedules.save({
    saved: [{ source: "work", expression: "every 6h", nextAt: now + 7000, lastAt: now - 5000 }],
    lost: [],
  });
  const [notes, work] = await getSchedule(deps, { names: [], count: 1 });
  expect(notes).toMatchObject({
    name: "notes",
    enabled: true,
    paused: undefined,
    lastRun: { outcome: "synced" },
    schedules: [{ next: [{ at: now + 5 * 3_600_000 }], lastAt: undefined }],
  });
  expect(work).toMatchObject({
    lastRun: undefined,
    schedules: [{ next: [{ at: now + 7000 }], lastAt: now - 5000 }],
  });
  await expect(getSchedule(deps, { names: ["nots"], count: 1 })).rejects.toThrow('no source named "nots"');
});

test("a source that is switched off has no next run, and a paused one says why", async () => {
  const { deps } = await withSources("notes");
  const text = await deps.config.text();
  writeFileSync(deps.config.file, text.replace(/^( +)repo:.*$/m, "$&\n$1enabled: false"));
  const pauses = { find: () => ({ source: "*", since: 1, until: 5, reason: "on holiday" }) };
  expect(await getSchedule({ ...deps, pauses }, { names: ["notes"], count: 3 })).toMatchObject([
    {
      enabled: false,
      paused: { until: 5, reason: "on holiday" },
      schedules: [{ words: "every 6 hours", next: [] }],
    },
  ]);
});

test("a state that can not be read is as good as none", async () => {
  const { deps } = await withSources("notes");
  const broken = (): never => {
    throw new Error("the disk is gone");
  };
  const warnings: string[] = [];
  const log = { ...deps.log, warn: (text: string) => void warnings.push(text) };
  const schedules = { list: broken, save: broken };
  expect(await getSchedule({ ...deps, schedules, log }, { names: [], count: 1 })).toMatchObject([
    { schedules: [{ next: [{ due: true }] }] },
  ]);
  expect(warnings).toEqual(["the disk is gone"]);
});
