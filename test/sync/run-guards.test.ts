/** The guards in a real run: what stops it leaves everything as it was, what stays out lets the rest go on. */
import { expect, test } from "bun:test";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type GuardMemory, readGuardMemory, writeGuardMemory } from "../../src/sync/guards/guard-memory.ts";
import type { SyncEvent } from "../../src/sync/outcome.ts";
import { benchDevice, benchRemote, type BenchDevice, type BenchOptions } from "../helpers/sync-bench.ts";
import { fsck, git } from "../helpers/system-git.ts";
import { treeSnapshot } from "../helpers/tree-snapshot.ts";

/** Never a whole one in the source: those who scan repositories for secrets would find it. */
const TOKEN = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_");

async function filled(files: number, options: BenchOptions = {}) {
  const remote = benchRemote();
  const laptop = benchDevice("laptop", remote, options);
  for (let number = 0; number < files; number++) laptop.write(`n/${number}.md`, `note ${number}\n`);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced" });
  return { remote, laptop };
}

function gitDirectory({ directory }: BenchDevice): string {
  return join(directory, ".git");
}

function memory(device: BenchDevice): GuardMemory {
  return readGuardMemory(gitDirectory(device));
}

/** As `lull allow` does it. */
function allow(device: BenchDevice): void {
  const { waiting, allowed } = memory(device);
  const granted = waiting.map(({ guard, path, reason, marks }) => {
    const once = path === undefined && guard !== "filter";
    return { guard, path, reason, marks, at: 0, by: "ada", once };
  });
  writeGuardMemory(gitDirectory(device), { waiting: [], allowed: [...allowed, ...granted] });
}

/** All that must not have moved. */
function standing(device: BenchDevice, remote: string) {
  return {
    tree: treeSnapshot(device.directory),
    head: git(device.directory, "rev-parse", "HEAD"),
    index: git(device.directory, "ls-files", "-s"),
    remote: git(remote, "rev-parse", "main"),
  };
}

function removeNotes(device: BenchDevice, count: number): void {
  for (let number = 0; number < count; number++) device.remove(`n/${number}.md`);
}

test("a mass deletion stops before anything is written, and goes through once when it is allowed", async () => {
  const { remote, laptop } = await filled(20);
  removeNotes(laptop, 7);
  const before = standing(laptop, remote);
  expect(await laptop.sync()).toMatchObject({
    outcome: "failed",
    error: {
      kind: "guard",
      code: "GUARD_DELETIONS",
      message: "7 of 20 files would be deleted at the remotes (n/0.md, n/1.md, n/2.md and 4 more)",
      hint: expect.stringContaining("lull allow notes"),
      data: { guard: "deletions", deleted: 7, of: 20 },
    },
  });
  expect(standing(laptop, remote)).toEqual(before);
  fsck(laptop.directory);

  allow(laptop);
  laptop.remove("n/7.md");
  // One more than what was allowed.
  expect(await laptop.sync()).toMatchObject({ error: { code: "GUARD_DELETIONS" } });
  expect(standing(laptop, remote).head).toBe(before.head);
  laptop.write("n/7.md", "note 7\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 7 } });
  expect(memory(laptop)).toEqual({ waiting: [], allowed: [] });
  fsck(remote);
});

test("six of twenty are no mass, and limits are the source's own", async () => {
  const { laptop } = await filled(20);
  removeNotes(laptop, 6);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 6 } });
  const other = await filled(20, { guards: { deletions: { percent: 100, files: 2 } } });
  removeNotes(other.laptop, 3);
  expect(await other.laptop.sync()).toMatchObject({ error: { code: "GUARD_DELETIONS" } });
  const off = await filled(20, { guards: { deletions: undefined } });
  removeNotes(off.laptop, 19);
  expect(await off.laptop.sync()).toMatchObject({ outcome: "synced" });
});

test("a renamed folder is no deletion, here and from a remote", async () => {
  const { remote, laptop } = await filled(60);
  const desktop = benchDevice("desktop", remote);
  await desktop.sync();
  renameSync(join(laptop.directory, "n"), join(laptop.directory, "notes"));
  expect(await laptop.sync()).toMatchObject({ outcome: "synced" });
  expect(await desktop.sync()).toMatchObject({ outcome: "synced", filesRemoved: 60 });
  git(desktop.directory, "mv", "notes", "again");
  expect(await desktop.sync()).toMatchObject({ outcome: "synced" });
});

test("a mass deletion that a remote brings is stopped before the checkout", async () => {
  const { remote, laptop } = await filled(20);
  const desktop = benchDevice("desktop", remote);
  await desktop.sync();
  laptop.remove("n");
  laptop.write("left.md", "left\n");
  git(laptop.directory, "add", ".");
  git(laptop.directory, "commit", "-qm", "by hand");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced" });

  desktop.write("mine.md", "mine\n");
  const files = treeSnapshot(desktop.directory);
  const run = await desktop.sync();
  expect(run).toMatchObject({
    outcome: "failed",
    filesRemoved: 0,
    error: {
      code: "GUARD_INCOMING_DELETIONS",
      message: "origin would delete 20 of 20 files here (n/0.md, n/1.md, n/10.md and 17 more)",
    },
  });
  expect(treeSnapshot(desktop.directory)).toEqual(files);
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("left.md");
  fsck(desktop.directory);
  allow(desktop);
  expect(await desktop.sync()).toMatchObject({ outcome: "synced", filesRemoved: 20 });
  expect(memory(desktop)).toEqual({ waiting: [], allowed: [] });
  await laptop.sync();
  expect(treeSnapshot(laptop.directory)).toEqual(treeSnapshot(desktop.directory));
});

test("a mass deletion that was allowed where it was made is not asked about again; what came beside it is", async () => {
  const { remote, laptop } = await filled(60);
  const desktop = benchDevice("desktop", remote);
  const phone = benchDevice("phone", remote);
  await desktop.sync();
  await phone.sync();
  removeNotes(laptop, 30);
  await laptop.sync();
  allow(laptop);
  await laptop.sync();
  expect(git(remote, "log", "-1", "--format=%B", "main")).toEndWith("\n\nLull-Allowed: deletions");
  desktop.write("mine.md", "mine\n");
  const steps: string[] = [];
  const onEvent = (event: SyncEvent): void => void steps.push("detail" in event ? event.detail : "");
  expect(await desktop.sync({ onEvent })).toMatchObject({ outcome: "synced", filesRemoved: 30 });
  expect(steps).toContain("lull: merge, 30 deletions allowed where they were made");
  // The allowance was for that commit: another one deletes as much without it.
  git(laptop.directory, "pull", "-q", remote, "main");
  git(laptop.directory, "rm", "-rq", "n");
  git(laptop.directory, "commit", "-qm", "by hand");
  git(laptop.directory, "push", "-q", remote, "main");
  expect(await phone.sync()).toMatchObject({
    error: { code: "GUARD_INCOMING_DELETIONS", data: { deleted: 30, of: 60 } },
  });
  expect(memory(phone).waiting).toHaveLength(1);
  laptop.write("x.md", "x\n");
  await laptop.sync();
  expect(git(remote, "log", "-1", "--format=%B", "main")).not.toContain("Lull-Allowed");
});

test("where the folder's own changes are left to the person, a few deletions of many are no mass", async () => {
  const { remote, laptop } = await filled(60);
  const desktop = benchDevice("desktop", remote, { settings: { autoCommit: false } });
  await desktop.sync();
  removeNotes(laptop, 15);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced" });
  expect(await desktop.sync()).toMatchObject({ outcome: "synced", filesRemoved: 15 });
});

test("an emptied folder commits no deletion, however few files, and goes on by itself when they are back", async () => {
  const { remote, laptop } = await filled(2, { guards: { deletions: undefined } });
  const away = join(laptop.directory, "..", "away");
  renameSync(join(laptop.directory, "n"), away);
  const before = standing(laptop, remote);
  expect(await laptop.sync()).toMatchObject({
    outcome: "failed",
    error: { code: "GUARD_EMPTIED", data: { guard: "emptied", deleted: 2, of: 2, heals: true } },
  });
  expect(standing(laptop, remote)).toEqual(before);
  renameSync(away, join(laptop.directory, "n"));
  laptop.write("n/new.md", "new\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 1 } });
  expect(memory(laptop).waiting).toEqual([]);
});

test("a missing mount, an empty folder without its repository, is told as that and nothing is made there", async () => {
  const { remote, laptop } = await filled(3);
  const before = git(remote, "rev-parse", "main");
  rmSync(laptop.directory, { recursive: true });
  expect(await laptop.sync()).toMatchObject({ error: { kind: "guard", code: "FOLDER_MISSING" } });
  mkdirSync(laptop.directory);
  expect(await laptop.sync()).toMatchObject({
    error: { kind: "guard", code: "FOLDER_MISSING", message: expect.stringContaining("is empty") },
  });
  writeFileSync(join(laptop.directory, "something"), "");
  expect(await laptop.sync()).toMatchObject({ error: { kind: "unsafe", code: "NOT_A_REPOSITORY" } });
  expect(existsSync(gitDirectory(laptop))).toBe(false);
  expect(git(remote, "rev-parse", "main")).toBe(before);
});

test("everything changed at once stops; four of five do not", async () => {
  const { remote, laptop } = await filled(20);
  for (let number = 0; number < 16; number++) laptop.write(`n/${number}.md`, `edited ${number}\n`);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 16 } });
  for (let number = 0; number < 17; number++) laptop.write(`n/${number}.md`, "encrypted\n");
  const before = standing(laptop, remote);
  expect(await laptop.sync()).toMatchObject({
    error: { code: "GUARD_CHANGES", data: { changed: 17, of: 20 } },
  });
  expect(standing(laptop, remote)).toEqual(before);
  allow(laptop);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 17 } });
});

test("a file above the size limit stays out and the rest goes on", async () => {
  const { remote, laptop } = await filled(1, { guards: { fileSize: 1000 } });
  laptop.write("film.bin", "x".repeat(1001));
  laptop.write("small.bin", "x".repeat(1000));
  const dry = await laptop.sync({ dryRun: true });
  expect(dry).toMatchObject({ committed: { files: 1 }, skippedPaths: [{ path: "film.bin" }] });
  expect(memory(laptop).waiting).toEqual([]);
  expect(await laptop.sync()).toMatchObject({
    outcome: "synced",
    committed: { files: 1 },
    skippedPaths: [{ path: "film.bin", guard: "file-size", reason: "1.0 KB, above the limit of 1.0 KB" }],
  });
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("n/0.md\nsmall.bin");
  expect(git(remote, "log", "-1", "--format=%s", "main")).toBe("Add small.bin");
  expect(await laptop.sync()).toMatchObject({ outcome: "up-to-date", skippedPaths: [{ path: "film.bin" }] });
  allow(laptop);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", skippedPaths: [] });
  laptop.write("film.bin", "y".repeat(2000));
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", skippedPaths: [] });
  fsck(laptop.directory);
});

test("a secret stays out, its message never holds it, and an allowance is for this secret alone", async () => {
  const { remote, laptop } = await filled(1);
  laptop.write("setup.sh", `export GH=${TOKEN}\n`);
  laptop.write("fine.md", "fine\n");
  const run = await laptop.sync();
  expect(run).toMatchObject({
    outcome: "synced",
    skippedPaths: [
      { path: "setup.sh", guard: "secret", reason: "it seems to hold a GitHub token in line 1" },
    ],
  });
  expect(JSON.stringify(run) + JSON.stringify(memory(laptop))).not.toContain(TOKEN);
  expect(git(laptop.directory, "cat-file", "--batch-all-objects", "--batch")).not.toContain(TOKEN);
  allow(laptop);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", skippedPaths: [] });
  expect(git(remote, "show", "main:setup.sh")).toContain(TOKEN);
  // Another line may change, another secret may not come.
  laptop.write("setup.sh", `export GH=${TOKEN}\nexport B=1\n`);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", skippedPaths: [] });
  laptop.write("setup.sh", `export GH=${TOKEN.replace("a1B2", "z9Y8")}\n`);
  expect(await laptop.sync()).toMatchObject({ outcome: "up-to-date", skippedPaths: [{ guard: "secret" }] });
});

test("what the history had before trips nothing: edited, or moved to another name", async () => {
  const { laptop } = await filled(1, { guards: { fileSize: 1000 } });
  laptop.write("old.sh", `A=${TOKEN}\n`);
  laptop.write("id_rsa", "key\n");
  laptop.write("big.bin", "x".repeat(2000));
  git(laptop.directory, "add", ".");
  git(laptop.directory, "commit", "-qm", "before lull came");
  laptop.write("old.sh", `A=${TOKEN}\nB=2\n`);
  laptop.write("id_rsa", "another key\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 2 }, skippedPaths: [] });
  for (const name of ["old.sh", "id_rsa", "big.bin"]) {
    mkdirSync(join(laptop.directory, "moved"), { recursive: true });
    renameSync(join(laptop.directory, name), join(laptop.directory, "moved", name));
  }
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", committed: { files: 6 }, skippedPaths: [] });
});

test("a secret that the person staged leaves the index, and a savepoint keeps what was staged", async () => {
  const { remote, laptop } = await filled(2);
  const before = git(remote, "rev-parse", "main");
  laptop.write("setup.sh", `A=${TOKEN}\n`);
  laptop.write("n/0.md", `T=${TOKEN}\n`);
  git(laptop.directory, "add", ".");
  // Nowhere else by now.
  laptop.write("n/0.md", `note\nT=${TOKEN}\n`);
  laptop.write("fine.md", "fine\n");
  const run = await laptop.sync();
  expect(run).toMatchObject({
    outcome: "synced",
    committed: { files: 1 },
    skippedPaths: [{ path: "n/0.md" }, { path: "setup.sh" }],
  });
  expect(git(laptop.directory, "diff", "--cached", "--name-only")).toBe("");
  expect(laptop.read("n/0.md")).toBe(`note\nT=${TOKEN}\n`);
  expect(git(laptop.directory, "show", `refs/lull/savepoints/${run.savepoint}^2:n/0.md`)).toBe(`T=${TOKEN}`);
  expect(git(remote, "diff", "--name-only", before, "main")).toBe("fine.md");
  expect(git(remote, "cat-file", "--batch-all-objects", "--batch")).not.toContain(TOKEN);
  expect(await laptop.sync()).toMatchObject({ outcome: "up-to-date", skippedPaths: { length: 2 } });
  laptop.write("setup.sh", "A=$SECRET\n");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", skippedPaths: [{ path: "n/0.md" }] });
  fsck(laptop.directory);
  fsck(remote);
});

test("only what is staged and left out: nothing is committed, and the savepoint has it all the same", async () => {
  const { laptop } = await filled(1);
  laptop.write("setup.sh", `A=${TOKEN}\n`);
  git(laptop.directory, "add", ".");
  laptop.write("setup.sh", `B=${TOKEN}\n`);
  const run = await laptop.sync();
  expect(run).toMatchObject({ outcome: "up-to-date", committed: undefined });
  expect(git(laptop.directory, "show", `refs/lull/savepoints/${run.savepoint}^2:setup.sh`)).toBe(
    `A=${TOKEN}`,
  );
  expect(git(laptop.directory, "status", "--porcelain")).toBe("?? setup.sh");
});

test("names of other systems are carried with a warning, once, or left out", async () => {
  const { remote, laptop } = await filled(1);
  laptop.write("a:b.md", "colon\n");
  laptop.write("N/0.md", "twin\n");
  const run = await laptop.sync();
  expect(run).toMatchObject({
    outcome: "synced",
    skippedPaths: [],
    warnings: [
      { path: "N/0.md", guard: "name-twin", reason: "beside n; Windows and macOS take the two for one" },
      { path: "a:b.md", guard: "name", reason: "`:` in its name, which Windows can not hold" },
    ],
  });
  expect((await laptop.sync()).warnings).toBeUndefined();
  expect(memory(laptop).waiting).toEqual([]);
  renameSync(join(laptop.directory, "a:b.md"), join(laptop.directory, "A-b.md"));
  await laptop.sync();
  renameSync(join(laptop.directory, "A-b.md"), join(laptop.directory, "a-b.md"));
  expect((await laptop.sync()).warnings).toBeUndefined();

  const strict = benchDevice("strict", remote, { guards: { names: "leave-out" } });
  await strict.sync();
  strict.write("con", "device\n");
  expect(await strict.sync()).toMatchObject({
    outcome: "up-to-date",
    skippedPaths: [{ path: "con", guard: "name" }],
  });
});

test("files behind a filter stop the source, and stay out once that is allowed", async () => {
  const { remote, laptop } = await filled(1);
  laptop.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  laptop.write("film.bin", "many bytes\n");
  expect(await laptop.sync()).toMatchObject({ error: { kind: "guard", code: "GUARD_FILTER" } });
  allow(laptop);
  for (let round = 0; round < 2; round++)
    expect((await laptop.sync()).skippedPaths).toEqual([{ path: "film.bin", reason: "filter" }]);
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe(".gitattributes\nn/0.md");
});

test("a memory that makes no sense counts as empty", async () => {
  const { laptop } = await filled(20);
  mkdirSync(join(gitDirectory(laptop), "lull"), { recursive: true });
  writeFileSync(
    join(gitDirectory(laptop), "lull", "guards.json"),
    '{"version":1,"waiting":[{}],"allowed":3}',
  );
  removeNotes(laptop, 10);
  expect(await laptop.sync()).toMatchObject({ error: { code: "GUARD_DELETIONS" } });
  expect(memory(laptop).waiting).toHaveLength(1);
});
