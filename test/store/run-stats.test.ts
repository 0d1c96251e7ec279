import { expect, test } from "bun:test";
import { join } from "node:path";

import type { RunStore } from "../../src/store/run-store.ts";
import type { RunSummary } from "../../src/store/run-summary.ts";
import { createStore } from "../../src/store/database.ts";
import { createRunStore } from "../../src/store/sqlite-run-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const DAY = 86_400_000;

function openRuns(): { readonly runs: RunStore } & Disposable {
  const store = createStore(join(temporaryDirectory(), "lull.db"));
  return { runs: createRunStore(store), [Symbol.dispose]: () => store[Symbol.dispose]() };
}

function run(outcome: string, changes: Partial<RunSummary> = {}): RunSummary {
  return {
    source: "notes",
    outcome,
    cause: "schedule",
    startedAt: NOW,
    durationMs: 100,
    filesCommitted: 0,
    commitsReceived: 0,
    commitsSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    conflicts: 0,
    message: undefined,
    detail: "{}",
    ...changes,
  };
}

const withSteps = (steps: Readonly<Record<string, number>>, extra = "") =>
  JSON.stringify({ steps: Object.entries(steps).map(([name, ms]) => ({ name: name + extra, ms })) });

test("figures count outcomes, and only attempts make the success rate", () => {
  using opened = openRuns();
  const { runs } = opened;
  for (const outcome of ["synced", "up-to-date", "up-to-date", "conflict", "partial", "failed"])
    runs.record(run(outcome));
  for (const outcome of ["skipped", "deferred"]) runs.record(run(outcome));
  runs.record(run("failed", { startedAt: NOW - 31 * DAY }));
  const stats = runs.stats({ since: NOW - 30 * DAY });
  expect(stats.total).toBe(8);
  expect(stats.outcomes).toEqual({
    "up-to-date": 2,
    conflict: 1,
    deferred: 1,
    failed: 1,
    partial: 1,
    skipped: 1,
    synced: 1,
  });
  expect(stats.successRate).toBeCloseTo(4 / 6);
  expect(stats.since).toBe(NOW - 30 * DAY);
});

test("durations are those of good runs, by nearest rank", () => {
  using opened = openRuns();
  const { runs } = opened;
  for (let ms = 1; ms <= 100; ms++) runs.record(run("synced", { durationMs: ms }));
  runs.record(run("failed", { durationMs: 100_000 }));
  expect(runs.stats({ since: 0 }).duration).toEqual({ medianMs: 50, p95Ms: 95 });
  using empty = openRuns();
  expect(empty.runs.stats({ since: 0 })).toMatchObject({
    total: 0,
    successRate: undefined,
    duration: undefined,
    steps: { runs: 0, medians: [] },
    lastFailure: undefined,
  });
});

test("a step that came twice in a run counts with its sum; a broken record is left out", () => {
  using opened = openRuns();
  const { runs } = opened;
  runs.record(run("synced", { detail: withSteps({ look: 1, fetch: 10 }) }));
  runs.record(run("synced", { detail: withSteps({ look: 3, fetch: 30 }) }));
  const twice = '{"steps":[{"name":"fetch","ms":15},{"name":"push","ms":7},{"name":"fetch","ms":5}]}';
  runs.record(run("synced", { detail: twice }));
  runs.record(run("synced", { detail: "{broken" }));
  runs.record(run("failed", { detail: withSteps({ fetch: 9999 }) }));
  const { steps } = runs.stats({ since: 0 });
  expect(steps.runs).toBe(3);
  expect(new Map(steps.medians.map(({ name, ms }) => [name, ms]))).toEqual(
    new Map([
      ["look", 1],
      ["fetch", 20],
      ["push", 7],
    ]),
  );
});

test("amounts are summed, of one source or of all, and the last failure is shown", () => {
  using opened = openRuns();
  const { runs } = opened;
  const amounts = { filesCommitted: 2, commitsReceived: 3, commitsSent: 4, bytesReceived: 50, bytesSent: 60 };
  runs.record(run("synced", { ...amounts, conflicts: 1 }));
  runs.record(run("synced", { ...amounts, source: "dotfiles" }));
  runs.record(run("failed", { message: "older", startedAt: NOW - 5 }));
  runs.record(run("failed", { message: "newer", source: "dotfiles" }));
  expect(runs.stats({ since: 0 })).toMatchObject({
    filesCommitted: 4,
    commitsReceived: 6,
    commitsSent: 8,
    bytesReceived: 100,
    bytesSent: 120,
    conflicts: 1,
    lastFailure: { message: "newer", source: "dotfiles" },
  });
  expect(runs.stats({ source: "notes", since: 0 })).toMatchObject({
    total: 2,
    bytesSent: 60,
    lastFailure: { message: "older" },
  });
});

test("the history is filtered by source, outcome and time together", () => {
  using opened = openRuns();
  const { runs } = opened;
  for (const [index, outcome] of ["synced", "failed", "partial", "failed"].entries())
    runs.record(run(outcome, { startedAt: NOW + index, message: `${index}` }));
  runs.record(run("failed", { source: "dotfiles", startedAt: NOW + 9, message: "9" }));
  const messages = (filter: Omit<Parameters<RunStore["list"]>[0], "limit">, limit = 10) =>
    runs.list({ ...filter, limit }).map(({ message }) => message);
  expect(messages({})).toEqual(["9", "3", "2", "1", "0"]);
  expect(messages({ outcomes: ["failed"] })).toEqual(["9", "3", "1"]);
  expect(messages({ outcomes: ["failed", "partial"], source: "notes" })).toEqual(["3", "2", "1"]);
  expect(messages({ since: NOW + 3 })).toEqual(["9", "3"]);
  expect(messages({ since: NOW + 1, outcomes: ["failed"], source: "notes" }, 1)).toEqual(["3"]);
});

test("what was only put off is not the newest run", () => {
  using opened = openRuns();
  const { runs } = opened;
  runs.record(run("failed", { message: "no route" }));
  runs.record(run("deferred", { message: "on battery" }));
  expect(runs.last("notes").newest?.message).toBe("no route");
});

test("old runs go in batches; the newest and the newest good one of each source stay", () => {
  using opened = openRuns();
  const { runs } = opened;
  const old = NOW - 100 * DAY;
  for (const source of ["notes", "dotfiles"]) {
    for (const [index, outcome] of ["synced", "up-to-date", "failed", "failed", "deferred"].entries())
      runs.record(run(outcome, { source, startedAt: old + index, message: `${source} ${index}` }));
  }
  runs.record(run("synced", { source: "dotfiles", startedAt: NOW, message: "fresh" }));
  const before = NOW - 90 * DAY;
  expect(runs.prune({ before, limit: 2 })).toBe(2);
  expect(runs.prune({ before, limit: 100 })).toBe(6);
  expect(runs.prune({ before, limit: 100 })).toBe(0);
  expect(runs.list({ limit: 100 }).map(({ message }) => message)).toEqual(["fresh", "notes 3", "notes 1"]);
});
