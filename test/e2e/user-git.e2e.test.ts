/** lull beside the person's own git: what they are in the middle of is left alone, and git is happy afterwards. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { expectConverged, makeDevice, type Device } from "../helpers/device.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";

async function synced(): Promise<{ laptop: Device; remote: string }> {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "one\n");
  laptop.write("b.md", "two\n");
  await laptop.lull(["add", "notes", "--remote", remote]);
  await laptop.lull(["sync"]);
  return { laptop, remote };
}

test("an existing repository keeps its history, branch, identity and remote", async () => {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", "-b", "trunk", remote);
  const laptop = makeDevice("laptop");
  mkdirSync(laptop.notes);
  git(laptop.notes, "init", "-b", "trunk");
  git(laptop.notes, "config", "user.name", "Grace");
  git(laptop.notes, "config", "user.email", "grace@example.com");
  git(laptop.notes, "remote", "add", "origin", remote);
  laptop.write("a.md", "one\n");
  git(laptop.notes, "add", ".");
  git(laptop.notes, "commit", "-m", "by hand");
  git(laptop.notes, "push", "-u", "origin", "trunk");
  laptop.write("a.md", "two\n");
  await laptop.lull(["add", "notes"]);
  await laptop.lull(["sync"]);
  expectConverged([laptop], [remote]);
  expect(git(laptop.notes, "log", "--format=%an <%ae>", "-1")).toBe("Grace <grace@example.com>");
  expect(git(remote, "log", "--format=%s", "trunk").split("\n").at(-1)).toBe("by hand");
});

for (const [what, prepare] of [
  ["an index.lock", (laptop: Device) => writeFileSync(join(laptop.notes, ".git/index.lock"), "")],
  [
    "a merge in progress",
    (laptop: Device) => writeFileSync(join(laptop.notes, ".git/MERGE_HEAD"), `${"a".repeat(40)}\n`),
  ],
  ["a rebase in progress", (laptop: Device) => mkdirSync(join(laptop.notes, ".git/rebase-merge"))],
  ["a detached HEAD", (laptop: Device) => git(laptop.notes, "checkout", "-q", "--detach")],
] as const) {
  test(`${what} makes lull leave the repository alone, byte for byte`, async () => {
    const { laptop } = await synced();
    laptop.write("a.md", "edited\n");
    prepare(laptop);
    const before = treeSnapshot(laptop.notes, { without: [] });
    const { code, json } = await laptop.json(["sync"]);
    expect(code).toBe(6);
    expect(json).toMatchObject({ runs: [{ outcome: "skipped" }] });
    expect(treeSnapshot(laptop.notes, { without: [] })).toEqual(before);
  });
}

test("what is staged, and what is not, ends in one commit", async () => {
  const { laptop, remote } = await synced();
  laptop.write("a.md", "staged\n");
  git(laptop.notes, "add", "a.md");
  laptop.write("b.md", "not staged\n");
  git(laptop.notes, "mv", "b.md", "c.md");
  await laptop.lull(["sync"]);
  expectConverged([laptop], [remote]);
  expect(git(laptop.notes, "ls-files")).toBe("a.md\nc.md");
});

test("a file that is staged only and gone from the folder is not in the commit", async () => {
  const { laptop, remote } = await synced();
  laptop.write("gone.md", "staged\n");
  git(laptop.notes, "add", "gone.md");
  laptop.remove("gone.md");
  await laptop.lull(["sync"]);
  expectConverged([laptop], [remote]);
  expect(existsSync(join(laptop.notes, "gone.md"))).toBe(false);
});

test("a change that was staged and committed by hand is pushed", async () => {
  const { laptop, remote } = await synced();
  laptop.write("a.md", "by hand\n");
  git(laptop.notes, "commit", "-am", "by hand");
  await laptop.lull(["sync"]);
  expect(git(remote, "log", "-1", "--format=%s", "main")).toBe("by hand");
});

test("only what is staged but equal to the folder is committed too", async () => {
  const { laptop, remote } = await synced();
  laptop.write("new.md", "staged and equal\n");
  git(laptop.notes, "add", "new.md");
  await laptop.lull(["sync"]);
  expectConverged([laptop], [remote]);
  expect(git(remote, "show", "main:new.md")).toBe("staged and equal");
});

test("a folder that vanished is no deletion of everything", async () => {
  const { laptop, remote } = await synced();
  const head = git(remote, "rev-parse", "main");
  rmSync(laptop.notes, { recursive: true });
  const { code, json } = await laptop.json(["sync"]);
  expect(code).toBe(7);
  expect(json).toMatchObject({ runs: [{ outcome: "failed", error: { code: "FOLDER_MISSING" } }] });
  expect(git(remote, "rev-parse", "main")).toBe(head);
});

test("a nested repository and a FIFO are reported, not carried and not waited for", async () => {
  const { laptop, remote } = await synced();
  mkdirSync(join(laptop.notes, "project"));
  git(join(laptop.notes, "project"), "init");
  writeFileSync(join(laptop.notes, "project/code.ts"), "1\n");
  const { spawnSync } = await import("node:child_process");
  spawnSync("mkfifo", [join(laptop.notes, "pipe")]);
  laptop.write("a.md", "goes on\n");
  const { json } = await laptop.json(["sync"]);
  expect(json).toMatchObject({
    runs: [
      {
        outcome: "synced",
        skippedPaths: expect.arrayContaining([
          { path: "pipe", reason: "fifo" },
          { path: "project", reason: "nested-repository" },
        ]),
      },
    ],
  });
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("a.md\nb.md");
});

test("a repository with a feature that lull does not know is refused untouched", async () => {
  const { laptop } = await synced();
  git(laptop.notes, "config", "core.repositoryformatversion", "1");
  git(laptop.notes, "config", "extensions.partialclone", "origin");
  laptop.write("a.md", "edited\n");
  const before = treeSnapshot(laptop.notes, { without: [] });
  const { code, json } = await laptop.json(["sync"]);
  expect(code).toBe(6);
  expect(json).toMatchObject({ runs: [{ error: { code: "UNSUPPORTED_REPOSITORY" } }] });
  expect(treeSnapshot(laptop.notes, { without: [] })).toEqual(before);
});
