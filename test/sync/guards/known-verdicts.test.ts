/** A file that stays out is judged once, until something about it is new. */
import { expect, test } from "bun:test";
import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import {
  type GuardMemory,
  readGuardMemory,
  type Waiting,
  writeGuardMemory,
} from "../../../src/sync/guards/guard-memory.ts";
import type { SyncOutcome } from "../../../src/sync/outcome.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { benchDevice, benchRemote, type BenchDevice, type BenchOptions } from "../../helpers/sync-bench.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";

const TOKEN = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_");

async function leftOut(options: BenchOptions = {}): Promise<{ laptop: BenchDevice; remote: string }> {
  const remote = benchRemote();
  const laptop = benchDevice("laptop", remote, options);
  laptop.write("a.md", "a\n");
  laptop.write("setup.sh", `A=${TOKEN}\n`);
  expect(await laptop.sync()).toMatchObject({ skippedPaths: [{ path: "setup.sh", guard: "secret" }] });
  return { laptop, remote };
}

/** A run that has nothing to judge makes no attempt at a commit, and writes no index. */
async function runOf(device: BenchDevice) {
  const index = join(device.directory, ".git/index");
  const before = statSync(index).ino;
  const run = await device.sync();
  const isJudged = run.steps.some(({ name }) => name === "commit");
  if (!isJudged) expect(statSync(index).ino).toBe(before);
  return { isJudged, outcome: run.outcome, leftOut: run.skippedPaths.map(({ path }) => path) };
}

const QUIET = { isJudged: false, outcome: "up-to-date" as SyncOutcome, leftOut: ["setup.sh"] };

test("an unchanged file is not read again, and is named all the same", async () => {
  const { laptop } = await leftOut();
  expect(await runOf(laptop)).toEqual(QUIET);
  expect(await runOf(laptop)).toEqual(QUIET);
  expect(await laptop.sync({ dryRun: true })).toMatchObject({ skippedPaths: [{ path: "setup.sh" }] });
  laptop.write("b.md", "b\n");
  expect(await runOf(laptop)).toEqual({ isJudged: true, outcome: "synced", leftOut: ["setup.sh"] });
  expect(await runOf(laptop)).toEqual(QUIET);
  laptop.write("setup.sh", "A=$SECRET\n");
  expect(await runOf(laptop)).toEqual({ isJudged: true, outcome: "synced", leftOut: [] });
  fsck(laptop.directory);
});

test("other rules, and another version in the index, are reasons to judge it again", async () => {
  const { laptop, remote } = await leftOut();
  git(laptop.directory, "add", "setup.sh");
  expect(await runOf(laptop)).toEqual({ ...QUIET, isJudged: true });
  expect(git(laptop.directory, "diff", "--cached", "--name-only")).toBe("");
  // What was staged is not in the index any more.
  expect(await runOf(laptop)).toEqual({ ...QUIET, isJudged: true });
  expect(await runOf(laptop)).toEqual(QUIET);
  const lax = { ...laptop.source, guards: { ...laptop.source.guards, secrets: false } };
  Object.assign(laptop.source, lax);
  expect(await runOf(laptop)).toEqual({ isJudged: true, outcome: "synced", leftOut: [] });
  expect(git(remote, "show", "main:setup.sh")).toContain(TOKEN);
});

test("a copy of what the history has is let in as soon as the original goes", async () => {
  const { laptop } = await leftOut({ guards: { fileSize: 1000 } });
  rmSync(join(laptop.directory, "setup.sh"));
  writeFileSync(join(laptop.directory, "big.bin"), "x".repeat(2000));
  git(laptop.directory, "add", ".");
  git(laptop.directory, "commit", "-qm", "by hand");
  laptop.write("copy.bin", "x".repeat(2000));
  expect(await laptop.sync()).toMatchObject({ skippedPaths: [{ path: "copy.bin" }] });
  expect((await runOf(laptop)).isJudged).toBe(false);
  rmSync(join(laptop.directory, "big.bin"));
  expect(await runOf(laptop)).toEqual({ isJudged: true, outcome: "synced", leftOut: [] });
});

test("one that changed a moment before is judged once more", async () => {
  const clock = fakeClock(0);
  const { laptop } = await leftOut({ clock });
  const file = join(laptop.directory, "setup.sh");
  renameSync(file, `${file}.new`);
  renameSync(`${file}.new`, file);
  // By the clock of the bench it is as young as can be.
  expect((await runOf(laptop)).isJudged).toBe(true);
  clock.setWall(statSync(file).ctimeMs + 10_000);
  expect((await runOf(laptop)).isJudged).toBe(true);
  expect(await runOf(laptop)).toEqual(QUIET);
});

test("the memory has an end: what is allowed is kept before what waits", () => {
  const directory = join(temporaryDirectory(), "git");
  const waiting = Array.from({ length: 2500 }, (_, number): Waiting => {
    return { guard: "file-size", path: `${number}/${"long".repeat(1000)}`, reason: "", marks: [], since: 0 };
  });
  const allowed = [{ guard: "filter", reason: "", marks: ["m"], at: 0, by: "ada", once: false }] as const;
  writeGuardMemory(directory, { waiting, allowed } satisfies GuardMemory);
  const read = readGuardMemory(directory);
  expect(read.allowed).toEqual([...allowed]);
  expect(read.waiting.length).toBeGreaterThan(1000);
  expect(read.waiting[0]?.path).toBe(waiting[0]?.path);
});
