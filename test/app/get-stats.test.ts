import { expect, test } from "bun:test";

import { getStats } from "../../src/app/get-stats.ts";
import { noteDeferral } from "../../src/app/history.ts";
import { pruneHistory } from "../../src/app/prune-history.ts";
import { syncSources } from "../../src/app/sync-sources.ts";
import { failureOf } from "../helpers/thrown.ts";
import { withSources } from "../helpers/with-sources.ts";

const DAY = 86_400_000;

test("figures of real syncs come with bytes, and steps in the order of a sync", async () => {
  const { deps, context } = await withSources("notes");
  for (let turn = 0; turn < 2; turn++) await syncSources(deps, { names: [], dryRun: false }, context);
  const stats = await getStats(deps, { name: "notes", since: 0 });
  expect(stats).toMatchObject({ name: "notes", total: 2, successRate: 1, filesCommitted: 1, commitsSent: 1 });
  expect(stats.outcomes).toEqual({ synced: 1, "up-to-date": 1 });
  expect(stats.bytesSent).toBeGreaterThan(0);
  expect(stats.steps.medians.map(({ name }) => name)).toEqual(["look", "scan", "commit", "fetch", "push"]);
});

test("a deferral is a row with what it waits for, and no run", async () => {
  const { deps } = await withSources("notes");
  noteDeferral(deps, {
    source: "notes",
    cause: "schedule",
    waits: [
      { condition: "idle", text: "in use 10 s ago" },
      { condition: "power", text: "on battery" },
    ],
  });
  expect(deps.runs.list({ limit: 5 })).toMatchObject([
    { outcome: "deferred", cause: "schedule", durationMs: 0, message: "waits: in use 10 s ago; on battery" },
  ]);
  expect(deps.runs.last("notes").newest).toBeUndefined();
  expect(await getStats(deps, { name: "notes", since: 0 })).toMatchObject({
    total: 1,
    successRate: undefined,
  });
});

test("a source without runs is told from one that is not there", async () => {
  const { deps } = await withSources("notes");
  expect(await getStats(deps, { name: "notes", since: 0 })).toMatchObject({ total: 0 });
  expect(await failureOf(getStats(deps, { name: "nots", since: 0 }))).toMatchObject({
    code: "UNKNOWN_SOURCE",
  });
});

test("history and audit log older than the retention go, in as many batches as it takes", async () => {
  const { deps, context, clock } = await withSources("notes");
  await syncSources(deps, { names: [], dryRun: false }, context);
  const [run] = deps.runs.list({ limit: 1 });
  if (run === undefined) throw new Error("no run");
  for (let more = 0; more < 1200; more++) deps.runs.record(run);
  clock.advance(91 * DAY);
  expect(await pruneHistory(deps, { historyMs: 90 * DAY }, context)).toEqual({ runs: 1200, auditEntries: 1 });
  expect(deps.runs.list({ limit: 10 })).toHaveLength(1);
  const stopped = { signal: AbortSignal.abort() };
  expect(await pruneHistory(deps, { historyMs: 0 }, stopped)).toEqual({ runs: 0, auditEntries: 0 });
});
