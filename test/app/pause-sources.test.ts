import { expect, test } from "bun:test";

import { getAudit } from "../../src/app/get-audit.ts";
import { pauseSources } from "../../src/app/pause-sources.ts";
import { readPauseWords } from "../../src/app/pause-words.ts";
import { removeSource } from "../../src/app/remove-source.ts";
import { resumeSources } from "../../src/app/resume-sources.ts";
import { syncSources } from "../../src/app/sync-sources.ts";
import { withSources } from "../helpers/with-sources.ts";
import { failureOf, thrown } from "../helpers/thrown.ts";

const HOUR = 3_600_000;

test("the last word is a duration, unless a source has that name or --for says it", () => {
  expect(readPauseWords([], undefined, [])).toEqual({ names: [], forMs: undefined });
  expect(readPauseWords(["2h"], undefined, ["notes"])).toEqual({ names: [], forMs: 2 * HOUR });
  expect(readPauseWords(["notes", "1h30m"], undefined, [])).toEqual({ names: ["notes"], forMs: 1.5 * HOUR });
  expect(readPauseWords(["2h"], undefined, ["2h"])).toEqual({ names: ["2h"], forMs: undefined });
  expect(readPauseWords(["2h"], "3h", ["2h"])).toEqual({ names: ["2h"], forMs: 3 * HOUR });
  expect(readPauseWords(["2h", "notes"], undefined, ["2h"])).toEqual({
    names: ["2h", "notes"],
    forMs: undefined,
  });
});

test("a duration at the wrong place, or in two words, is told as such", () => {
  expect(thrown(() => readPauseWords(["2h", "notes"], undefined, ["notes"]))).toMatchObject({
    message: 'the duration "2h" stands in front of a name',
    hint: "it comes last: lull pause notes 2h",
  });
  for (const words of [
    ["2", "h"],
    ["notes", "2hh"],
  ]) {
    expect(thrown(() => readPauseWords(words, undefined, ["notes"]))).toMatchObject({
      message: expect.stringContaining("is no length of a pause"),
    });
  }
});

test.each(["0", "0s", "99999d"])("a pause of %s is refused", (text) => {
  expect(thrown(() => readPauseWords(["notes", text], undefined, []))).toMatchObject({ code: "BAD_VALUE" });
});

test.each(["soon", "", "-2h", "0"])("--for %s is refused", (text) => {
  expect(thrown(() => readPauseWords(["notes"], text, []))).toMatchObject({
    code: "BAD_VALUE",
    kind: "usage",
  });
});

test("sources are paused and resumed, with what rests besides and a line in the audit log", async () => {
  const { deps, clock } = await withSources("notes", "dotfiles");
  const now = clock.now();
  const all = await pauseSources(deps, { words: ["2h"], forText: undefined, dryRun: false });
  expect(all).toMatchObject({ changed: [{ source: "*", until: now + 2 * HOUR }], paused: [{ source: "*" }] });
  const one = await pauseSources(deps, { words: ["notes"], forText: undefined, dryRun: false });
  expect(one.paused.map(({ source, until }) => [source, until])).toEqual([
    ["*", now + 2 * HOUR],
    ["notes", undefined],
  ]);
  const resumed = await resumeSources(deps, { names: ["notes"], dryRun: false });
  expect(resumed).toMatchObject({ resumed: [{ source: "notes" }], paused: [{ source: "*" }] });
  expect(await resumeSources(deps, { names: [], dryRun: false })).toMatchObject({ paused: [] });
  const entries = await getAudit(deps, { name: undefined, limit: 4 });
  expect(entries.map(({ action, source, detail }) => [action, source, detail])).toEqual([
    ["resume", undefined, { pausedSince: now }],
    ["resume", "notes", { pausedSince: now }],
    ["pause", "notes", { until: null }],
    ["pause", undefined, { until: now + 2 * HOUR }],
  ]);
});

test("a dry run pauses and resumes nothing", async () => {
  const { deps, clock } = await withSources("notes");
  expect(await pauseSources(deps, { words: ["notes"], forText: "1h", dryRun: true })).toMatchObject({
    paused: [],
  });
  await pauseSources(deps, { words: [], forText: undefined, dryRun: false });
  expect(await resumeSources(deps, { names: [], dryRun: true })).toMatchObject({
    resumed: [{ source: "*" }],
  });
  expect(deps.pauses.find("notes", clock.now())?.source).toBe("*");
});

test("a name that is no source's gives the nearest one", async () => {
  const { deps } = await withSources("notes");
  const failed = [
    pauseSources(deps, { words: ["nots", "2h"], forText: undefined, dryRun: false }),
    resumeSources(deps, { names: ["nots"], dryRun: false }),
  ];
  for (const work of failed)
    expect(await failureOf(work)).toMatchObject({
      code: "UNKNOWN_SOURCE",
      hint: expect.stringContaining('did you mean "notes"?'),
    });
});

test("a person's sync goes through a pause and says so; the daemon's says nothing", async () => {
  const { deps, context } = await withSources("notes", "dotfiles");
  await pauseSources(deps, { words: ["notes"], forText: undefined, dryRun: false });
  const report = await syncSources(deps, { names: ["notes"], dryRun: false }, context);
  expect(report).toMatchObject({ runs: [{ outcome: "synced" }], paused: [{ source: "notes" }] });
  const other = await syncSources(deps, { names: ["dotfiles"], dryRun: false }, context);
  expect(other.paused).toEqual([]);
  const scheduled = await syncSources(deps, { names: ["notes"], dryRun: false, cause: "schedule" }, context);
  expect(scheduled.paused).toEqual([]);
  expect(deps.runs.list({ limit: 3 }).map(({ source, cause }) => [source, cause])).toEqual([
    ["notes", "schedule"],
    ["dotfiles", "person"],
    ["notes", "person"],
  ]);
});

test("a source that is removed takes its pause with it", async () => {
  const { deps, clock } = await withSources("notes");
  await pauseSources(deps, { words: ["notes"], forText: undefined, dryRun: false });
  await removeSource(deps, { name: "notes", dryRun: false });
  expect(deps.pauses.list(clock.now())).toEqual([]);
});
