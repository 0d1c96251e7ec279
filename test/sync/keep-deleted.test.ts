import { expect, test } from "bun:test";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";

import { isConflictCopy } from "../../src/sync/conflicts/copy-path.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../helpers/sync-bench.ts";
import { fsck, git } from "../helpers/system-git.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";

/** The first keeps what others delete, the second takes deletions. */
async function pair(): Promise<{ readonly keeper: BenchDevice; readonly other: BenchDevice }> {
  const remote = benchRemote();
  const keeper = benchDevice("keeper", remote, { settings: { syncDeletions: false } });
  const other = benchDevice("other", remote);
  for (const path of ["a.md", "dir/b.md", "dir/c.md"]) keeper.write(path, `${path}\n`);
  await keeper.sync();
  await other.sync();
  return { keeper, other };
}

async function expectAtRest(...devices: readonly BenchDevice[]): Promise<void> {
  for (const device of [...devices, ...devices]) await device.sync();
  for (const device of devices) {
    expect((await device.sync()).outcome).toBe("up-to-date");
    fsck(device.directory);
    expect(git(device.directory, "status", "--porcelain")).toBe("");
    expect(treeSnapshot(device.directory)).toEqual(treeSnapshot(devices[0]?.directory ?? ""));
  }
}

function has(device: BenchDevice, path: string): boolean {
  return existsSync(join(device.directory, path));
}

test("what another device deleted stays, and comes back there", async () => {
  const { keeper, other } = await pair();
  // Something is left, or it would be an emptied folder.
  other.write("left.md", "left\n");
  other.remove("a.md");
  other.remove("dir");
  await other.sync();
  await keeper.sync();
  expect(keeper.read("a.md")).toBe("a.md\n");
  const head = git(keeper.directory, "log", "-1", "--format=%s");
  expect(head).toBe("Keep 3 files that another device deleted");
  await expectAtRest(keeper, other);
  expect(other.read("dir/c.md")).toBe("dir/c.md\n");
});

test("the same when both had something new", async () => {
  const { keeper, other } = await pair();
  other.remove("a.md");
  other.write("new.md", "new\n");
  await other.sync();
  keeper.write("dir/b.md", "edited\n");
  await keeper.sync();
  expect(keeper.read("a.md")).toBe("a.md\n");
  await expectAtRest(keeper, other);
  expect(other.read("dir/b.md")).toBe("edited\n");
  expect(keeper.read("new.md")).toBe("new\n");
});

test("what this device deletes is gone everywhere", async () => {
  const { keeper, other } = await pair();
  keeper.remove("a.md");
  await keeper.sync();
  await expectAtRest(keeper, other);
  expect(has(other, "a.md")).toBe(false);
});

test("a file that was moved is not doubled, and what took its place is not pushed aside", async () => {
  const { keeper, other } = await pair();
  renameSync(join(other.directory, "a.md"), join(other.directory, "moved.md"));
  other.remove("dir");
  other.write("dir", "a file now\n");
  await other.sync();
  await expectAtRest(keeper, other);
  expect(has(keeper, "a.md")).toBe(false);
  expect(keeper.read("dir")).toBe("a file now\n");
});

test("a conflict that another device has resolved is resolved here", async () => {
  const { keeper, other } = await pair();
  keeper.write("a.md", "keeper\n");
  other.write("a.md", "other\n");
  await other.sync();
  const copy = (await keeper.sync()).conflicts[0]?.copy ?? "";
  await other.sync();
  other.remove(copy);
  await other.sync();
  await expectAtRest(keeper, other);
  expect(has(keeper, copy)).toBe(false);
});

test("two devices that both keep come to rest", async () => {
  const remote = benchRemote();
  const [one, two] = ["one", "two"].map((name) =>
    benchDevice(name, remote, { settings: { syncDeletions: false } }),
  ) as [BenchDevice, BenchDevice];
  one.write("a.md", "a\n");
  one.write("b.md", "b\n");
  await one.sync();
  await two.sync();
  one.remove("a.md");
  two.remove("b.md");
  await expectAtRest(one, two);
  // Each comes back: the other one does not take the deletion.
  expect([has(one, "a.md"), has(one, "b.md")]).toEqual([true, true]);
});

test.each([
  "a.conflict-x-20260301-140512.md",
  "d/.rc.conflict-a.b-20260301-140512",
  "a.conflict-x-20260301-140512-2.md",
])("%s is a copy", (name) => expect(isConflictCopy(name)).toBe(true));
test.each([
  "a.conflict.md",
  "conflict-x-20260301-140512",
  "a.conflict-x-2026.md",
  "a.conflict-x-20260301-140512/b",
])("%s is none", (name) => expect(isConflictCopy(name)).toBe(false));
