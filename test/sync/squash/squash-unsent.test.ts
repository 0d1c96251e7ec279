import { expect, test } from "bun:test";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { readGuardMemory, writeGuardMemory } from "../../../src/sync/guards/guard-memory.ts";
import { readUnsent } from "../../../src/sync/squash/unsent-commits.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../../helpers/sync-bench.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";

type Place = {
  readonly remote: string;
  readonly device: BenchDevice;
  /** Whether the remote can be reached. */
  readonly line: { isUp: boolean };
};

async function place(settings: Partial<BenchDevice["source"]> = {}): Promise<Place> {
  const remote = benchRemote();
  const line = { isUp: true };
  const device = benchDevice("device", remote, {
    settings: { squash: true, message: "{summary}: {changes}", ...settings },
    connect: (open) => (url, signal) =>
      open(line.isUp ? url : join(temporaryDirectory(), "nowhere.git"), signal),
  });
  device.write("a.md", "a\n");
  await device.sync();
  return { remote, device, line };
}

/** A sync for each edit, while the remote is away. */
async function commitAway(
  { device, line }: Place,
  ...edits: readonly (readonly [string, string])[]
): Promise<void> {
  line.isUp = false;
  for (const [path, content] of edits) {
    device.write(path, content);
    expect((await device.sync()).committed?.files).toBe(1);
  }
  line.isUp = true;
}

function subjects(repository: string, ref = "main"): readonly string[] {
  return git(repository, "log", "--format=%s", ref).split("\n");
}

test("what was committed while the remote was away is sent as one commit", async () => {
  const at = await place();
  const { device, remote } = at;
  await commitAway(at, ["b.md", "1\n"], ["b.md", "2\n"], ["c.md", "3\n"]);
  expect(subjects(device.directory)).toHaveLength(4);
  const before = git(device.directory, "rev-parse", "main");
  device.write("a.md", "now\n");
  const run = await device.sync();
  expect(subjects(remote)).toEqual(["Update a.md and 2 more: 2 added, 1 modified", "Add a.md: 1 added"]);
  expect(run.committed?.commit).toBe(git(remote, "rev-parse", "main"));
  expect(run.remotes[0]?.sent).toBe(1);
  expect(git(device.directory, "status", "--porcelain")).toBe("");
  expect(git(device.directory, "reflog", "-1", "--format=%gs", "main")).toBe("lull: squash 4 commits");
  // Every version in between can still be reached.
  expect(git(device.directory, "show", `refs/lull/savepoints/${run.savepoint}^1:b.md`)).toBe("2");
  expect(
    git(device.directory, "merge-base", "--is-ancestor", before, `refs/lull/savepoints/${run.savepoint}`),
  ).toBe("");
  expect((await device.sync()).outcome).toBe("up-to-date");
  for (const repository of [device.directory, remote]) fsck(repository);
});

test("it happens before the merge with what others sent meanwhile", async () => {
  const at = await place();
  const { device, remote } = at;
  await commitAway(at, ["b.md", "1\n"], ["b.md", "2\n"]);
  const other = benchDevice("other", remote);
  await other.sync();
  other.write("c.md", "c\n");
  await other.sync();
  await device.sync();
  expect(subjects(remote)).toEqual([
    "Merge main of origin into device",
    "Add b.md: 1 added",
    "Add c.md",
    "Add a.md: 1 added",
  ]);
  fsck(remote);
});

test("a first commit may be one of them", async () => {
  const remote = benchRemote();
  const line = { isUp: false };
  const device = benchDevice("device", remote, {
    settings: { squash: true },
    connect: (open) => (url, signal) => open(line.isUp ? url : "/nowhere.git", signal),
  });
  for (const path of ["a.md", "b.md", "c.md"]) {
    device.write(path, path);
    await device.sync();
  }
  line.isUp = true;
  await device.sync();
  expect(subjects(remote)).toEqual(["Add a.md and 2 more"]);
});

test("commits of the person, and what is below them, stay", async () => {
  const at = await place();
  const { device, remote } = at;
  await commitAway(at, ["b.md", "1\n"], ["b.md", "2\n"]);
  const person = ["-c", "user.name=Ada", "-c", "user.email=a@b.c"] as const;
  git(device.directory, ...person, "commit", "-q", "--allow-empty", "-m", "by hand");
  await commitAway(at, ["c.md", "1\n"], ["c.md", "2\n"]);
  await device.sync();
  expect(subjects(remote)).toEqual([
    "Add c.md: 1 added",
    "by hand",
    "Update b.md: 1 modified",
    "Add b.md: 1 added",
    "Add a.md: 1 added",
  ]);
});

test.each(["branch", "tag"] as const)("what a %s of the person holds stays", async (kind) => {
  const at = await place();
  const { device, remote } = at;
  await commitAway(at, ["b.md", "1\n"], ["b.md", "2\n"]);
  git(device.directory, kind, "mine");
  await commitAway(at, ["b.md", "3\n"], ["b.md", "4\n"]);
  await device.sync();
  expect(subjects(remote)).toHaveLength(4);
  expect(git(device.directory, "merge-base", "--is-ancestor", "mine", "main")).toBe("");
});

test("what a push has offered stays: whether it arrived is not always known", async () => {
  const at = await place();
  const { device, remote } = at;
  await commitAway(at, ["b.md", "1\n"], ["b.md", "2\n"]);
  const lock = join(remote, "refs/heads/main.lock");
  writeFileSync(lock, "");
  expect((await device.sync()).outcome).toBe("failed");
  const offered = git(device.directory, "rev-parse", "main");
  rmSync(lock);
  expect(readUnsent(join(device.directory, ".git"))).toEqual([]);
  await commitAway(at, ["b.md", "3\n"], ["b.md", "4\n"]);
  await device.sync();
  expect(git(device.directory, "merge-base", "--is-ancestor", offered, "main")).toBe("");
});

test("what takes itself back is left as it is", async () => {
  const at = await place();
  const { device, remote } = at;
  await commitAway(at, ["a.md", "b\n"], ["a.md", "a\n"]);
  await device.sync();
  expect(subjects(remote)).toHaveLength(3);
});

test("a file of nonsense counts as empty", async () => {
  const at = await place();
  await commitAway(at, ["b.md", "1\n"], ["b.md", "2\n"]);
  writeFileSync(join(at.device.directory, ".git/lull/unsent-commits.json"), "{");
  await at.device.sync();
  expect(subjects(at.remote)).toHaveLength(3);
});

test("a mass deletion that a person allowed stays a commit of its own", async () => {
  const at = await place();
  const { device, remote, line } = at;
  for (let number = 0; number < 20; number++) device.write(`n/${number}.md`, `${number}\n`);
  await device.sync();
  await commitAway(at, ["b.md", "1\n"], ["b.md", "2\n"]);
  line.isUp = false;
  device.remove("n");
  expect((await device.sync()).error?.code).toBe("GUARD_DELETIONS");
  const gitDirectory = join(device.directory, ".git");
  const { waiting } = readGuardMemory(gitDirectory);
  const allowed = waiting.map(({ guard, reason, marks }) => ({
    guard,
    reason,
    marks,
    at: 0,
    by: "ada",
    once: true,
  }));
  writeGuardMemory(gitDirectory, { waiting: [], allowed });
  await device.sync();
  await commitAway(at, ["c.md", "1\n"], ["c.md", "2\n"]);
  await device.sync();
  expect(subjects(remote).slice(0, 2)).toEqual([
    "Add c.md: 1 added",
    expect.stringMatching(/^Remove n\/0\.md and 19 more/),
  ]);
  expect(git(remote, "log", "-1", "--format=%B", "main~1")).toContain("Lull-Allowed: deletions");
});
