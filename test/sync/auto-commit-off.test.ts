import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { goBack } from "../../src/sync/go-back/go-back.ts";
import { benchDevice, benchRemote, type BenchDevice } from "../helpers/sync-bench.ts";
import { fsck, git } from "../helpers/system-git.ts";

async function pair(): Promise<{
  readonly remote: string;
  readonly own: BenchDevice;
  readonly other: BenchDevice;
}> {
  const remote = benchRemote();
  const other = benchDevice("other", remote);
  const own = benchDevice("own", remote, { settings: { autoCommit: false } });
  other.write("a.md", "a\n");
  other.write("b.md", "b\n");
  await other.sync();
  await own.sync();
  return { remote, own, other };
}

function commit(device: BenchDevice, ...args: readonly string[]): void {
  git(device.directory, "-c", "user.name=Ada", "-c", "user.email=ada@example.org", "commit", "-q", ...args);
}

test("edits are left alone, commits of one's own go, and news come in beside the edits", async () => {
  const { remote, own, other } = await pair();
  own.write("a.md", "edited\n");
  own.write("new.md", "new\n");
  expect(await own.sync()).toMatchObject({ outcome: "up-to-date", committed: undefined, uncommitted: 2 });
  other.write("b.md", "b by the other\n");
  await other.sync();
  expect(await own.sync()).toMatchObject({ outcome: "synced", committed: undefined, filesWritten: 1 });
  expect(own.read("b.md")).toBe("b by the other\n");
  expect(git(own.directory, "status", "--porcelain").split("\n")).toEqual([" M a.md", "?? new.md"]);
  git(own.directory, "add", "new.md");
  commit(own, "-m", "mine");
  expect((await own.sync()).remotes[0]).toMatchObject({ sent: 1 });
  expect(git(remote, "log", "-1", "--format=%s", "main")).toBe("mine");
  expect(own.read("a.md")).toBe("edited\n");
  fsck(own.directory);
});

test("a merge goes on beside edits and beside what is staged", async () => {
  const { own, other } = await pair();
  other.write("b.md", "b by the other\n");
  await other.sync();
  own.write("mine.md", "mine\n");
  git(own.directory, "add", "mine.md");
  commit(own, "-m", "mine");
  own.write("a.md", "staged\n");
  git(own.directory, "add", "a.md");
  own.write("a.md", "staged, and edited\n");
  const run = await own.sync();
  expect(run).toMatchObject({ outcome: "synced", committed: undefined, uncommitted: 1 });
  expect(run.remotes[0]).toMatchObject({ received: 1, sent: 2 });
  expect(git(own.directory, "show", ":a.md")).toBe("staged");
  expect(own.read("a.md")).toBe("staged, and edited\n");
  expect(git(own.directory, "show", "HEAD:a.md")).toBe("a");
});

test("where the remote changed what is edited here, nothing moves and the next step is named", async () => {
  const { own, other } = await pair();
  own.write("a.md", "edited\n");
  other.write("a.md", "by the other\n");
  other.write("b.md", "by the other\n");
  await other.sync();
  const before = git(own.directory, "rev-parse", "HEAD");
  const run = await own.sync();
  expect(run).toMatchObject({ outcome: "failed", error: { code: "UNCOMMITTED", data: { path: "a.md" } } });
  expect(git(own.directory, "rev-parse", "HEAD")).toBe(before);
  expect(own.read("a.md")).toBe("edited\n");
  expect(own.read("b.md")).toBe("b\n");
  commit(own, "-a", "-m", "mine");
  expect((await own.sync()).outcome).toBe("conflict");
  fsck(own.directory);
});

test("deleting everything here tells nobody, and a file that is gone is not brought back", async () => {
  const { own, other } = await pair();
  own.remove("a.md");
  own.remove("b.md");
  expect((await own.sync()).outcome).toBe("up-to-date");
  expect((await other.sync()).outcome).toBe("up-to-date");
  expect(other.read("a.md")).toBe("a\n");
  expect(existsSync(join(own.directory, "a.md"))).toBe(false);
});

test("the savepoint of a run has the edits, and an undo leaves them to the person", async () => {
  const { own, other } = await pair();
  own.write("a.md", "edited\n");
  own.write("new.md", "new\n");
  other.write("b.md", "by the other\n");
  await other.sync();
  const { savepoint, tip } = await own.sync();
  expect(git(own.directory, "show", `refs/lull/savepoints/${savepoint}:a.md`)).toBe("edited");
  expect(git(own.directory, "show", `refs/lull/savepoints/${savepoint}:new.md`)).toBe("new");
  const options = { dryRun: false, signal: new AbortController().signal };
  await goBack(
    own.deps,
    own.source,
    {
      kind: "undo",
      choose: ([first]) => {
        if (first === undefined) throw new Error("no savepoint");
        return first;
      },
      after: () => tip,
    },
    options,
  );
  expect(own.read("b.md")).toBe("b\n");
  expect(own.read("a.md")).toBe("edited\n");
  expect(git(own.directory, "diff", "--name-only")).toBe("a.md");
  expect(git(own.directory, "show", "HEAD:a.md")).toBe("a");
});

test("a restore does not replace edits that are in no commit", async () => {
  const { own } = await pair();
  own.write("a.md", "edited\n");
  for (const dryRun of [true, false]) {
    const options = { dryRun, signal: new AbortController().signal };
    const done = goBack(
      own.deps,
      own.source,
      { kind: "restore", to: { text: "HEAD", time: undefined }, paths: [] },
      options,
    );
    await expect(done).rejects.toMatchObject({ code: "UNCOMMITTED" });
  }
  expect(own.read("a.md")).toBe("edited\n");
});
