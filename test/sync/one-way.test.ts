import { expect, test } from "bun:test";

import { benchDevice, benchRemote, type BenchDevice } from "../helpers/sync-bench.ts";
import { fsck, git } from "../helpers/system-git.ts";

async function pair(
  direction: "push" | "pull",
): Promise<{ readonly remote: string; readonly oneWay: BenchDevice; readonly other: BenchDevice }> {
  const remote = benchRemote();
  const other = benchDevice("other", remote);
  const oneWay = benchDevice("one-way", remote, { settings: { direction } });
  other.write("a.md", "a\n");
  await other.sync();
  if (direction === "pull") await oneWay.sync();
  else git(oneWay.directory, "pull", "-q", remote, "main");
  return { remote, oneWay, other };
}

test("pull: news come, what is committed here stays here, and says so", async () => {
  const { remote, oneWay, other } = await pair("pull");
  other.write("b.md", "b\n");
  await other.sync();
  const tip = git(remote, "rev-parse", "main");
  oneWay.write("c.md", "c\n");
  const run = await oneWay.sync();
  expect(run).toMatchObject({ outcome: "synced", committed: { files: 1 } });
  expect(run.remotes[0]).toMatchObject({ received: 1, sent: 0, kept: { commits: 2, where: "here" } });
  expect(oneWay.read("b.md")).toBe("b\n");
  expect(git(remote, "rev-parse", "main")).toBe(tip);
  expect(git(remote, "for-each-ref", "--format=%(refname)")).toBe("refs/heads/main");
  expect((await oneWay.sync()).outcome).toBe("up-to-date");
  expect((await oneWay.sync({ dryRun: true })).remotes[0]).toMatchObject({ sent: 0 });
  fsck(oneWay.directory);
});

test("pull: an empty remote stays empty", async () => {
  const remote = benchRemote();
  const device = benchDevice("one-way", remote, { settings: { direction: "pull" } });
  device.write("a.md", "a\n");
  expect((await device.sync()).remotes[0]).toMatchObject({ kept: { commits: 1, where: "here" } });
  expect(git(remote, "for-each-ref")).toBe("");
});

test("push: what is here goes, what is there does not come", async () => {
  const { remote, oneWay, other } = await pair("push");
  oneWay.write("b.md", "b\n");
  expect((await oneWay.sync()).remotes[0]).toMatchObject({ sent: 1 });
  await other.sync();
  expect(other.read("b.md")).toBe("b\n");
  other.write("c.md", "c\n");
  await other.sync();
  const before = git(oneWay.directory, "rev-parse", "main");
  const run = await oneWay.sync();
  expect(run.outcome).toBe("up-to-date");
  expect(run.remotes[0]).toMatchObject({ received: 0, kept: { commits: 1, where: "there" } });
  expect((await oneWay.sync({ dryRun: true })).remotes[0]).toMatchObject({ received: 0, moved: false });
  expect(git(oneWay.directory, "rev-parse", "main")).toBe(before);
  fsck(remote);
});

test("push: when both have something new, nothing is sent, nothing is overwritten, and the next step is named", async () => {
  const { remote, oneWay, other } = await pair("push");
  other.write("b.md", "b\n");
  await other.sync();
  const tip = git(remote, "rev-parse", "main");
  oneWay.write("c.md", "c\n");
  const run = await oneWay.sync();
  expect(run).toMatchObject({ outcome: "failed", error: { code: "REMOTE_AHEAD", kind: "conflict" } });
  expect(run.error?.hint).toContain("sources.notes.direction both");
  expect(git(remote, "rev-parse", "main")).toBe(tip);
  // What was committed here is safe, and goes once the person takes the other's in.
  expect(git(oneWay.directory, "show", "main:c.md")).toBe("c");
});
