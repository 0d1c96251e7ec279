/** A person's own git that is faster than lull: between lull's look at the repository and its own next step. */
import { expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemClock } from "../../../src/base/clock.ts";
import type { Repository } from "../../../src/git/git.ts";
import { lockIndex } from "../../../src/git/worktree/index-file.ts";
import type { SyncEvent } from "../../../src/sync/outcome.ts";
import { syncRepo } from "../../../src/sync/sync-repo.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../../helpers/sync-bench.ts";
import { fsck, git } from "../../helpers/system-git.ts";

type Scene = { readonly remote: string; readonly laptop: BenchDevice; readonly desktop: BenchDevice };

/** The laptop has pushed a change to `b.md` that the desktop has not fetched yet. */
async function scene(): Promise<Scene> {
  const remote = benchRemote();
  // The desktop has the time of its disk: how old a lock is counts.
  const desktop = benchDevice("desktop", remote, { clock: systemClock });
  const laptop = benchDevice("laptop", remote);
  laptop.write("a.md", "one\n");
  laptop.write("b.md", "two\n");
  await laptop.sync();
  await desktop.sync();
  laptop.write("b.md", "from the laptop\n");
  await laptop.sync();
  return { remote, laptop, desktop };
}

/** Acts once, right before lull takes the step. */
function before(step: string, act: () => void): (event: SyncEvent) => void {
  let done = false;
  return (event) => {
    if (done || event.kind !== "step" || event.step !== step) return;
    done = true;
    act();
  };
}

for (const [kind, edit] of [
  ["fast-forward", undefined],
  ["merge", "mine\n"],
] as const) {
  test(`a commit by hand right before the checkout of a ${kind} stays on the branch`, async () => {
    const { remote, desktop } = await scene();
    if (edit !== undefined) desktop.write("c.md", edit);
    let theirs = "";
    const run = await desktop.sync({
      onEvent: before("checkout", () => {
        desktop.write("a.md", "by hand\n");
        git(desktop.directory, "commit", "-q", "-am", "by hand");
        theirs = git(desktop.directory, "rev-parse", "HEAD");
      }),
    });
    expect(run).toMatchObject({ outcome: "synced", error: undefined });
    git(desktop.directory, "merge-base", "--is-ancestor", theirs, "main");
    expect([desktop.read("a.md"), desktop.read("b.md")]).toEqual(["by hand\n", "from the laptop\n"]);
    expect(git(remote, "rev-parse", "main")).toBe(git(desktop.directory, "rev-parse", "main"));
    expect(git(desktop.directory, "status", "--porcelain")).toBe("");
    fsck(desktop.directory);
  });
}

test("a branch that is checked out right before the checkout does not become the other one", async () => {
  const { desktop } = await scene();
  const main = git(desktop.directory, "rev-parse", "main");
  let side = "";
  const run = await desktop.sync({
    onEvent: before("checkout", () => {
      git(desktop.directory, "checkout", "-q", "-b", "side");
      git(desktop.directory, "commit", "-q", "--allow-empty", "-m", "on the side");
      side = git(desktop.directory, "rev-parse", "HEAD");
    }),
  });
  expect(run).toMatchObject({ outcome: "skipped", error: { code: "REPOSITORY_BUSY" } });
  expect(run.reason).toContain("another branch was checked out during the sync: side");
  expect([git(desktop.directory, "rev-parse", "side"), git(desktop.directory, "rev-parse", "main")]).toEqual([
    side,
    main,
  ]);
  expect((await desktop.sync()).outcome).toBe("synced");
  git(desktop.directory, "merge-base", "--is-ancestor", side, "side");
});

test("a rebase that stops right before the checkout is left alone", async () => {
  const { desktop } = await scene();
  git(desktop.directory, "checkout", "-q", "-b", "side");
  desktop.write("a.md", "side\n");
  git(desktop.directory, "commit", "-q", "-am", "side");
  git(desktop.directory, "checkout", "-q", "main");
  desktop.write("a.md", "main\n");
  const run = await desktop.sync({
    onEvent: before("checkout", () => {
      expect(() => git(desktop.directory, "rebase", "side")).toThrow();
    }),
  });
  expect(run).toMatchObject({ outcome: "skipped", reason: "a rebase is in progress" });
  git(desktop.directory, "rebase", "--abort");
  expect((await desktop.sync()).outcome).toBe("synced");
  expect([desktop.read("a.md"), desktop.read("b.md")]).toEqual(["main\n", "from the laptop\n"]);
});

test("a merge by hand that stops with conflicts right before the commit is left to the person", async () => {
  const { desktop } = await scene();
  git(desktop.directory, "checkout", "-q", "-b", "side");
  desktop.write("a.md", "side\n");
  git(desktop.directory, "commit", "-q", "-am", "side");
  git(desktop.directory, "checkout", "-q", "main");
  desktop.write("a.md", "main\n");
  git(desktop.directory, "commit", "-q", "-am", "main");
  desktop.write("c.md", "typed\n");
  // Later than lull's own look at the repository, when it holds the index.
  const open = (directory: string): Repository => {
    const repository = desktop.deps.git.open(directory);
    repository.commit = () => {
      expect(() => git(desktop.directory, "merge", "-q", "side")).toThrow();
      using lock = lockIndex(join(directory, ".git"));
      lock.write(lock.index);
      return undefined;
    };
    return repository;
  };
  const deps = { ...desktop.deps, git: { ...desktop.deps.git, open } };
  const run = await syncRepo(deps, desktop.source, { signal: new AbortController().signal, dryRun: false });
  expect(run).toMatchObject({ outcome: "skipped", error: { code: "REPOSITORY_BUSY" } });
  expect(git(desktop.directory, "ls-files", "--unmerged")).toContain("a.md");
});

test("a commit by hand between scan and commit is taken in by the next round", async () => {
  const { remote, desktop } = await scene();
  desktop.write("a.md", "typed\n");
  const run = await desktop.sync({
    onEvent: before("commit", () => {
      git(desktop.directory, "add", "a.md");
      git(desktop.directory, "commit", "-q", "-m", "by hand");
    }),
  });
  expect(run).toMatchObject({ outcome: "synced", error: undefined });
  expect(git(remote, "log", "--format=%s", "--no-merges", "main").split("\n")).toContain("by hand");
});

/** As a `git status` that refreshes the index; the timer fires between two looks of lull. */
function lockForAMoment(device: BenchDevice): void {
  const lock = join(device.directory, ".git/index.lock");
  writeFileSync(lock, "");
  setTimeout(() => rmSync(lock), 60);
}

for (const step of ["look", "commit", "checkout"]) {
  test(`an index that is locked for a moment right before the ${step} is waited for`, async () => {
    const { remote, desktop } = await scene();
    desktop.write("a.md", "typed\n");
    const run = await desktop.sync({ onEvent: before(step, () => lockForAMoment(desktop)) });
    expect(run).toMatchObject({ outcome: "synced", error: undefined });
    expect(git(remote, "show", "main:a.md")).toBe("typed");
    expect(desktop.read("b.md")).toBe("from the laptop\n");
    expect(git(desktop.directory, "status", "--porcelain")).toBe("");
  });
}

test("an index that stays locked makes the sync skip, and one that is stopped meanwhile ends at once", async () => {
  const { desktop } = await scene();
  const lock = join(desktop.directory, ".git/index.lock");
  writeFileSync(lock, "");
  expect(await desktop.sync()).toMatchObject({ outcome: "skipped", error: { code: "REPOSITORY_BUSY" } });
  const stop = new AbortController();
  const run = desktop.sync({ signal: stop.signal });
  stop.abort();
  expect((await run).error?.code).toBe("INTERRUPTED");
  rmSync(lock);
  expect((await desktop.sync()).outcome).toBe("synced");
});
