import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { diffSources } from "../../src/app/diff-source.ts";
import { getLog } from "../../src/app/get-log.ts";
import { getStatus } from "../../src/app/get-status.ts";
import { syncSources } from "../../src/app/sync-sources.ts";
import { LullError } from "../../src/base/errors.ts";
import type { Deps } from "../../src/app/deps.ts";
import { composed } from "../helpers/composed.ts";
import { thrown } from "../helpers/thrown.ts";
import { withSources } from "../helpers/with-sources.ts";
import { git } from "../helpers/system-git.ts";

const all = { names: [], dryRun: false };

test("one failing source does not stop the others, and each run is in the history", async () => {
  const place = await withSources("one", "two", "three");
  mkdirSync(join(place.home, "two", ".git", "rebase-apply"));
  const report = await syncSources(place.deps, all, place.context);
  expect(report.runs.map((run) => [run.source, run.outcome])).toEqual([
    ["one", "synced"],
    ["two", "skipped"],
    ["three", "synced"],
  ]);
  expect((await getLog(place.deps, { name: undefined, limit: 10 })).map((run) => run.source)).toEqual([
    "three",
    "two",
    "one",
  ]);
  expect((await getLog(place.deps, { name: "two", limit: 10 }))[0]).toMatchObject({
    outcome: "skipped",
    filesCommitted: 0,
  });
});

test("a source can be named; an unknown name and an empty config are usage errors", async () => {
  const place = await withSources("one", "two");
  const report = await syncSources(place.deps, { names: ["two"], dryRun: false }, place.context);
  expect(report.runs.map((run) => run.source)).toEqual(["two"]);
  await expect(syncSources(place.deps, { names: ["tow"], dryRun: false }, place.context)).rejects.toThrow(
    /no source named "tow"/,
  );
  const empty = composed();
  await empty.deps.config.create({ device: "laptop" });
  await expect(syncSources(empty.deps, all, empty.context)).rejects.toThrow(/names no source yet/);
});

test("a source that another lull is syncing is left to it", async () => {
  const place = await withSources("one");
  using _ = place.deps.locks.acquire("one");
  const report = await syncSources(place.deps, all, place.context);
  expect(report.runs).toMatchObject([
    { outcome: "failed", error: { kind: "locked", code: "SOURCE_LOCKED" } },
  ]);
});

test("a dry run leaves no trace in the history", async () => {
  const place = await withSources("one");
  const report = await syncSources(place.deps, { names: [], dryRun: true }, place.context);
  expect(report.runs).toMatchObject([{ dryRun: true, committed: { files: 1 } }]);
  expect(await getLog(place.deps, { name: undefined, limit: 10 })).toEqual([]);
});

test("kinds that this version does not sync are skipped with the reason", async () => {
  const place = await withSources("one");
  writeFileSync(place.configFile, "version: 1\nsources:\n  code:\n    discover: ~/code\n");
  chmodSync(place.configFile, 0o600);
  const report = await syncSources(place.deps, all, place.context);
  expect(report.runs.map((run) => run.outcome)).toEqual(["skipped"]);
  expect(report.runs[0]?.reason).toContain("discover");
});

test("a switched-off source is left out unless it is named", async () => {
  const place = await withSources("one", "two");
  await place.deps.config.set("sources.one.enabled", "false", { dryRun: false });
  expect((await syncSources(place.deps, all, place.context)).runs.map((run) => run.source)).toEqual(["two"]);
  const named = await syncSources(place.deps, { names: ["one"], dryRun: false }, place.context);
  expect(named.runs.map((run) => run.outcome)).toEqual(["synced"]);
});

test("status tells changes, distance to the remote, the last run and what is wrong", async () => {
  const place = await withSources("one", "two");
  await syncSources(place.deps, all, place.context);
  writeFileSync(join(place.home, "one", "a.md"), "edited\n");
  writeFileSync(join(place.home, "one", "b.md"), "new\n");
  git(join(place.home, "two"), "commit", "-q", "--allow-empty", "-m", "by hand");
  const status = await getStatus(place.deps, { names: [] }, place.context);
  expect(status.sources).toMatchObject([
    {
      name: "one",
      branch: "main",
      uncommitted: 2,
      ahead: 0,
      behind: 0,
      lastRun: { outcome: "synced" },
      problem: undefined,
    },
    { name: "two", uncommitted: 0, ahead: 1, behind: 0 },
  ]);
  writeFileSync(join(place.home, "two", ".git", "MERGE_HEAD"), `${"a".repeat(40)}\n`);
  const busy = await getStatus(place.deps, { names: ["two"] }, place.context);
  expect(busy.sources[0]?.problem?.message).toContain("merge");
});

test("diff shows what is uncommitted, unsent and not yet received", async () => {
  const place = await withSources("one");
  const directory = join(place.home, "one");
  await syncSources(place.deps, all, place.context);
  writeFileSync(join(directory, "sent-later.md"), "committed by hand\n");
  git(directory, "add", ".");
  git(directory, "commit", "-qm", "by hand");
  writeFileSync(join(directory, "a.md"), "edited\n");
  const [diff] = await diffSources(place.deps, { names: [] }, place.context);
  expect(diff?.entries).toEqual([
    { path: "a.md", change: "modified", where: "uncommitted", patch: ["@@ -1 +1 @@", "-one", "+edited"] },
    {
      path: "sent-later.md",
      change: "added",
      where: "unsent",
      patch: ["@@ -0,0 +1 @@", "+committed by hand"],
    },
  ]);
});

test("a history that can not be written or read is a warning, and the sync stands", async () => {
  const place = await withSources("one");
  const warnings: string[] = [];
  const broken = (): never => {
    throw new LullError({
      kind: "failed",
      code: "ENOSPC",
      message: "cannot write the history: the disk is full",
    });
  };
  const deps = {
    ...place.deps,
    runs: { ...place.deps.runs, record: broken, list: broken, last: broken },
    log: { ...place.deps.log, warn: (message: string) => void warnings.push(message) },
  };
  const report = await syncSources(deps, all, place.context);
  expect(report.runs).toMatchObject([{ outcome: "synced", error: undefined }]);
  expect((await getStatus(deps, { names: [] }, place.context)).sources).toMatchObject([
    { name: "one", ahead: 0, behind: 0, lastRun: undefined, problem: undefined },
  ]);
  expect(warnings).toEqual(Array.from({ length: 2 }, () => "cannot write the history: the disk is full"));
});

test("a history of a newer lull still stops the sync", async () => {
  const place = await withSources("one");
  const newer = (): never => {
    throw new LullError({ kind: "config", code: "STORE_NEWER", message: "written by a newer lull" });
  };
  const deps = { ...place.deps, runs: { ...place.deps.runs, record: newer } };
  await expect(syncSources(deps, all, place.context)).rejects.toThrow("newer lull");
});

test("status gives the advice of the run that failed", async () => {
  const place = await withSources("one");
  await place.deps.config.set("sources.one.remote", "/mnt/not-there/one.git", { dryRun: false });
  await syncSources(place.deps, all, place.context);
  expect((await getStatus(place.deps, { names: [] }, place.context)).sources[0]?.problem?.hint).toContain(
    "mount",
  );
});

test("when every source is switched off, a sync says so", async () => {
  const place = await withSources("one");
  await place.deps.config.set("sources.one.enabled", "false", { dryRun: false });
  await expect(syncSources(place.deps, all, place.context)).rejects.toThrow("every source is switched off");
});

test("a sync by hand keeps to the limits of its source and of all", async () => {
  const place = await withSources("one", "two");
  const set = (path: string, value: string) => place.deps.config.set(path, value, { dryRun: false });
  await set("daemon.bandwidth.upload", "5MB/s");
  await set("sources.one.bandwidth.upload", "2MB/s");
  await set("sources.one.bandwidth.download", "9MB/s");
  await syncSources(place.deps, { names: ["one"], dryRun: false }, place.context);
  expect(place.deps.bandwidth.limits).toEqual({ upload: 2_000_000, download: 9_000_000 });
  await syncSources(place.deps, { names: ["two"], dryRun: false }, place.context);
  expect(place.deps.bandwidth.limits).toEqual({ upload: 5_000_000, download: undefined });
});

test("conflicts are learnt in the repository that the sync has open, under its lock", async () => {
  const place = await withSources("one");
  await syncSources(place.deps, all, place.context);
  writeFileSync(join(place.home, "one", "more.txt"), "more\n");
  const opened: string[] = [];
  const learnt: unknown[] = [];
  const { deps } = place;
  const watched: Deps = {
    ...deps,
    git: {
      ...deps.git,
      open: (directory) => {
        opened.push(directory);
        return deps.git.open(directory);
      },
    },
    conflicts: {
      ...deps.conflicts,
      learn: (learned) => {
        learnt.push([learned.tip, thrown(() => deps.locks.acquire("one")).code]);
        deps.conflicts.learn(learned);
      },
    },
  };
  await syncSources(watched, all, place.context);
  const one = join(place.home, "one");
  expect(opened).toEqual([one]);
  expect(learnt).toEqual([[git(one, "rev-parse", "HEAD"), "SOURCE_LOCKED"]]);
  expect(deps.conflicts.mark("one")).toBe(git(one, "rev-parse", "HEAD"));
});
