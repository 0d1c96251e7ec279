import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import type { SyncRun } from "../../../src/sync/outcome.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../../helpers/sync-bench.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";

type Pair = { readonly remote: string; readonly own: BenchDevice; readonly other: BenchDevice };

/** `own` syncs `main` and `auto/*`, and has `auto/x` and `wip`; the other has them too, and is a plain clone. */
async function pair(settings: Partial<BenchDevice["source"]> = {}): Promise<Pair> {
  const remote = benchRemote();
  const own = benchDevice("own", remote, { settings: { branches: ["main", "auto/*"], ...settings } });
  const other = benchDevice("other", remote);
  own.write("a.md", "1\n2\n3\n4\n5\n");
  await own.sync();
  git(own.directory, "branch", "auto/x");
  git(own.directory, "branch", "wip");
  git(own.directory, "push", "-q", remote, "auto/x", "wip");
  await other.sync();
  return { remote, own, other };
}

/** A commit on a branch, made in a folder of its own so that the device's stays as it is. */
function commitOn(repository: string, branch: string, content: string, path = "a.md"): void {
  const place = join(temporaryDirectory(), "work");
  git(repository, "clone", "-q", "--branch", branch, repository, place);
  Bun.spawnSync(["sh", "-c", 'printf %s "$1" > "$2"', "-", content, join(place, path)]);
  git(place, "add", "-A");
  git(place, "-c", "user.name=Ada", "-c", "user.email=a@b.c", "commit", "-q", "-m", `on ${branch}`);
  git(place, "push", "-q", "origin", branch);
}

function tip(repository: string, branch: string): string {
  return git(repository, "rev-parse", `refs/heads/${branch}`);
}

test("named branches go and come beside the one that is checked out, others stay", async () => {
  const { remote, own } = await pair();
  commitOn(remote, "auto/x", "by the remote\n");
  commitOn(remote, "wip", "by the remote\n");
  git(own.directory, "branch", "auto/new");
  const wip = tip(own.directory, "wip");
  const preview = await own.sync({ dryRun: true });
  expect(preview.otherBranches).toEqual([
    { name: "auto/new", remote: "origin", received: 0, sent: 0, isNew: true, left: undefined },
    { name: "auto/x", remote: "origin", received: 1, sent: 0, isNew: false, left: undefined },
  ]);
  const run = await own.sync();
  expect(run.outcome).toBe("synced");
  expect(run.otherBranches).toEqual([
    { name: "auto/x", remote: "origin", received: 1, sent: 0, isNew: false, left: undefined },
    { name: "auto/new", remote: "origin", received: 0, sent: 0, isNew: true, left: undefined },
  ]);
  expect(tip(own.directory, "auto/x")).toBe(tip(remote, "auto/x"));
  expect(tip(remote, "auto/new")).toBe(tip(own.directory, "auto/new"));
  expect(tip(own.directory, "wip")).toBe(wip);
  expect(own.read("a.md")).toBe("1\n2\n3\n4\n5\n");
  expect((await own.sync()).outcome).toBe("up-to-date");
  fsck(own.directory);
  fsck(remote);
});

test("a branch that the remote refuses does not keep the others back", async () => {
  const { remote, own } = await pair();
  for (const name of ["auto/a", "auto/b"]) git(own.directory, "branch", name);
  git(own.directory, "push", "-q", remote, "auto/a");
  commitOn(own.directory, "auto/a", "by a person\n");
  own.write("a.md", "new\n");
  // What somebody works on there is refused by its server.
  const there = ["main", "auto/a"].map((name) => {
    const place = join(temporaryDirectory(), "there");
    git(remote, "worktree", "add", "-q", place, name);
    return place;
  });
  const run = await own.sync();
  expect(run).toMatchObject({ outcome: "failed", error: { code: "FORBIDDEN" } });
  expect(JSON.stringify(run.error)).toContain("refs/heads/main");
  const names = ({ otherBranches = [] }: SyncRun): readonly string[] => otherBranches.map(({ name }) => name);
  expect(names(run)).toEqual(["auto/b"]);
  expect(tip(remote, "auto/b")).toBe(tip(own.directory, "auto/b"));
  for (const place of there) git(remote, "worktree", "remove", place);
  expect(names(await own.sync())).toEqual(["auto/a"]);
  expect(tip(remote, "main")).toBe(tip(own.directory, "main"));
});

test("both sides of a named branch are merged without files, and sent", async () => {
  const { remote, own } = await pair();
  commitOn(remote, "auto/x", "1\n2\n3\n4\nfive\n");
  commitOn(own.directory, "auto/x", "one\n2\n3\n4\n5\n");
  const run = await own.sync();
  expect(run.otherBranches).toEqual([
    { name: "auto/x", remote: "origin", received: 1, sent: 2, isNew: false, left: undefined },
  ]);
  expect(git(remote, "show", "auto/x:a.md")).toBe("one\n2\n3\n4\nfive");
  expect(git(own.directory, "status", "--porcelain")).toBe("");
  expect(git(own.directory, "reflog", "-1", "--format=%gs", "auto/x")).toBe("lull: merge");
  fsck(own.directory);
});

test("a conflict in a branch that is not checked out waits until it is", async () => {
  const { remote, own } = await pair();
  commitOn(remote, "auto/x", "theirs\n");
  commitOn(own.directory, "auto/x", "ours\n");
  const before = tip(own.directory, "auto/x");
  const objects = git(own.directory, "count-objects");
  const run = await own.sync();
  expect(run.otherBranches?.[0]?.left).toContain("check it out and sync");
  expect(tip(own.directory, "auto/x")).toBe(before);
  await own.sync();
  await own.sync();
  // What is given up leaves nothing behind: only what was fetched is new.
  expect(Number(git(own.directory, "count-objects").split(" ")[0])).toBeLessThanOrEqual(
    Number(objects.split(" ")[0]) + 3,
  );
  git(own.directory, "switch", "-q", "auto/x");
  expect(await own.sync()).toMatchObject({ outcome: "conflict", branch: "auto/x" });
  expect(git(remote, "show", "auto/x:a.md")).toBe("theirs");
});

test("while another branch is checked out, its files are left alone and the named ones go on", async () => {
  const { remote, own } = await pair();
  git(own.directory, "switch", "-q", "wip");
  own.write("a.md", "an edit on wip\n");
  const idle = await own.sync();
  expect(idle).toMatchObject({ outcome: "skipped", error: undefined, committed: undefined });
  expect(idle.reason).toBe("wip is checked out, and `branches` names only main, auto/*");
  commitOn(remote, "main", "by the remote\n");
  const run = await own.sync();
  expect(run).toMatchObject({ outcome: "synced", committed: undefined, filesWritten: 0 });
  expect(tip(own.directory, "main")).toBe(tip(remote, "main"));
  expect(own.read("a.md")).toBe("an edit on wip\n");
  expect(git(own.directory, "status", "--porcelain")).toBe(" M a.md");
});

test("no branch of that name: no remote is asked", async () => {
  const remote = benchRemote();
  const device = benchDevice("own", remote, {
    settings: { branches: ["release/*"] },
    connect: () => async () => {
      throw new Error("nobody should connect");
    },
  });
  device.write("a.md", "a\n");
  expect(await device.sync()).toMatchObject({ outcome: "skipped", error: undefined });
});

test("a branch that another work tree has checked out is not moved under it", async () => {
  const { remote, own } = await pair();
  const beside = join(temporaryDirectory(), "beside");
  git(own.directory, "worktree", "add", "-q", beside, "auto/x");
  commitOn(remote, "auto/x", "by the remote\n");
  const run = await own.sync();
  expect(run.otherBranches?.[0]?.left).toBe("another work tree has it checked out");
  expect(git(beside, "status", "--porcelain")).toBe("");
});

test.each(["push", "pull"] as const)("direction: %s counts for them as well", async (direction) => {
  const { remote, own } = await pair({ direction });
  commitOn(remote, "auto/x", "by the remote\n");
  git(own.directory, "branch", "auto/new");
  const theirs = tip(remote, "auto/x");
  const ours = tip(own.directory, "auto/x");
  const run = await own.sync();
  expect(tip(own.directory, "auto/x")).toBe(direction === "pull" ? theirs : ours);
  expect(existsSync(join(remote, "refs/heads/auto/new"))).toBe(direction === "push");
  expect(run.otherBranches).toHaveLength(direction === "push" ? 2 : 1);
});
