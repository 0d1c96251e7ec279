/** A person's own git that is faster than lull: between lull's look at the repository and its own next step. */
import { expect, test } from "bun:test";

import type { SyncEvent } from "../../../src/sync/outcome.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../../helpers/sync-bench.ts";
import { fsck, git } from "../../helpers/system-git.ts";

type Scene = { readonly remote: string; readonly laptop: BenchDevice; readonly desktop: BenchDevice };

/** The laptop has pushed a change to `b.md` that the desktop has not fetched yet. */
async function scene(): Promise<Scene> {
  const remote = benchRemote();
  const [laptop, desktop] = [benchDevice("laptop", remote), benchDevice("desktop", remote)];
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
