/** A file that a guard leaves out, and a remote that has another version of it: both are kept, and the rest goes on. */
import { expect, test } from "bun:test";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { readGuardMemory, writeGuardMemory } from "../../src/sync/guards/guard-memory.ts";
import { benchDevice, benchRemote, type BenchDevice, type BenchOptions } from "../helpers/sync-bench.ts";
import { fsck, git } from "../helpers/system-git.ts";

const TOKEN = ["ghp", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"].join("_");

async function two(files: Readonly<Record<string, string>>, options: BenchOptions = {}) {
  const remote = benchRemote();
  const laptop = benchDevice("laptop", remote, options);
  const desktop = benchDevice("desktop", remote);
  for (const [path, text] of Object.entries(files)) laptop.write(path, text);
  await laptop.sync();
  await desktop.sync();
  return { remote, laptop, desktop };
}

function copiesIn(device: BenchDevice, folder = "."): readonly string[] {
  return readdirSync(join(device.directory, folder)).filter((name) => name.includes(".conflict-"));
}

function remoteHas(remote: string, path: string): string {
  return git(remote, "show", `main:${path}`);
}

/** The remote never sees it, and the next syncs take nothing back. */
async function expectSettled(laptop: BenchDevice, remote: string): Promise<void> {
  const tip = git(remote, "rev-parse", "main");
  for (let round = 0; round < 2; round++)
    expect(await laptop.sync()).toMatchObject({ outcome: "up-to-date" });
  expect(git(remote, "rev-parse", "main")).toBe(tip);
  expect(git(remote, "cat-file", "--batch-all-objects", "--batch")).not.toContain(TOKEN);
  expect(git(laptop.directory, "diff", "HEAD", "--name-only")).toBe("");
  fsck(laptop.directory);
}

test("an edit with a secret is put beside the remote's version, as private as it was", async () => {
  const { remote, laptop, desktop } = await two({ "a.sh": "one\n", "b.md": "b\n" });
  desktop.write("a.sh", "one\ntwo\n");
  desktop.write("b.md", "b, edited\n");
  await desktop.sync();
  laptop.write("a.sh", `one\nT=${TOKEN}\n`);
  chmodSync(join(laptop.directory, "a.sh"), 0o600);
  const run = await laptop.sync();
  const [copy = ""] = copiesIn(laptop);
  expect(copy).toMatch(/^a\.conflict-laptop-\d{8}-\d{6}\.sh$/);
  expect(run).toMatchObject({
    outcome: "synced",
    skippedPaths: [{ path: copy, guard: "secret" }],
    warnings: [
      {
        path: "a.sh",
        guard: "secret",
        reason: `another version came in; yours, which is left out, is now ${copy}`,
      },
    ],
  });
  expect(laptop.read("a.sh")).toBe("one\ntwo\n");
  expect(laptop.read("b.md")).toBe("b, edited\n");
  expect(laptop.read(copy)).toBe(`one\nT=${TOKEN}\n`);
  expect(statSync(join(laptop.directory, copy)).mode & 0o777).toBe(0o600);
  expect((await laptop.sync()).skippedPaths).toMatchObject([{ path: copy, guard: "secret" }]);
  await expectSettled(laptop, remote);
  expect(remoteHas(remote, "a.sh")).toBe("one\ntwo");
});

test("the same in a merge, with a new file on both sides and one that the remote deletes", async () => {
  const { remote, laptop, desktop } = await two({ "gone.sh": "one\n", "x/y.md": "y\n" });
  desktop.remove("gone.sh");
  desktop.write("x/new.sh", "theirs\n");
  await desktop.sync();
  laptop.write("mine.md", "mine\n");
  laptop.write("gone.sh", `T=${TOKEN}\n`);
  laptop.write("x/new.sh", `mine ${TOKEN}\n`);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", conflicts: [], warnings: { length: 2 } });
  expect(existsSync(join(laptop.directory, "gone.sh"))).toBe(false);
  expect(laptop.read(copiesIn(laptop)[0] ?? "")).toBe(`T=${TOKEN}\n`);
  expect(laptop.read("x/new.sh")).toBe("theirs\n");
  expect(laptop.read(join("x", copiesIn(laptop, "x")[0] ?? ""))).toBe(`mine ${TOKEN}\n`);
  expect(git(remote, "ls-tree", "-r", "--name-only", "main")).toBe("mine.md\nx/new.sh\nx/y.md");
  await expectSettled(laptop, remote);
});

test("a copy of a file that was left out by its name is left out as well", async () => {
  const { remote, laptop, desktop } = await two({ "a.md": "a\n" });
  const names = ["id_rsa", "keys.p12", ".npmrc", ".netrc", ".env"];
  const bench = "_authToken=aB3dE6gH9jK2mN5pQ8\npassword aB3dE6gH9jK2\nAPI_TOKEN=aB3dE6gH9jK2\n";
  for (const name of names) writeFileSync(join(desktop.directory, name), "theirs\n");
  git(desktop.directory, "add", ".");
  git(desktop.directory, "commit", "-qm", "by hand");
  await desktop.sync();
  for (const name of names) laptop.write(name, bench);
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", warnings: { length: names.length } });
  expect((await laptop.sync()).skippedPaths).toHaveLength(names.length);
  expect(copiesIn(laptop)).toHaveLength(names.length);
  expect(git(remote, "ls-tree", "-r", "--name-only", "main").split("\n").toSorted()).toEqual(
    [...names, "a.md"].toSorted(),
  );
  await expectSettled(laptop, remote);
});

test("a large file is kept whole, and once it is allowed it is a file like any other", async () => {
  const { remote, laptop, desktop } = await two({ "film.bin": "small\n" }, { guards: { fileSize: 1000 } });
  desktop.write("film.bin", "another\n");
  await desktop.sync();
  const large = Buffer.alloc(3_000_000, "0123456789");
  laptop.write("film.bin", large);
  await laptop.sync();
  const [copy = ""] = copiesIn(laptop);
  expect(readFileSync(join(laptop.directory, copy)).equals(large)).toBe(true);
  // As the run itself wrote it down.
  const memory = readGuardMemory(join(laptop.directory, ".git"));
  const allowed = memory.waiting.map(({ guard, path, reason, marks }) => {
    return { guard, path, reason, marks, at: 0, by: "ada", once: false };
  });
  writeGuardMemory(join(laptop.directory, ".git"), { ...memory, waiting: [], allowed });
  expect(await laptop.sync()).toMatchObject({ outcome: "synced", skippedPaths: [] });
  expect(remoteHas(remote, "film.bin")).toBe("another");
  expect(git(remote, "cat-file", "-s", `main:${copy}`)).toBe("3000000");
});

test("beside another path that is in the way nothing is copied", async () => {
  const { laptop, desktop } = await two({ "a.sh": "one\n", ".gitignore": "*.log\n" });
  desktop.write("a.sh", "two\n");
  desktop.write("b.log", "theirs\n");
  git(desktop.directory, "add", "-f", "b.log");
  await desktop.sync();
  laptop.write("a.sh", `T=${TOKEN}\n`);
  laptop.write("b.log", "mine\n");
  expect(await laptop.sync()).toMatchObject({ error: { code: "CHECKOUT_BLOCKED" } });
  expect(copiesIn(laptop)).toEqual([]);
  expect(laptop.read("a.sh")).toBe(`T=${TOKEN}\n`);
  laptop.remove("b.log");
  expect(await laptop.sync()).toMatchObject({ outcome: "synced" });
  expect(copiesIn(laptop)).toHaveLength(1);
});

test("over a conflict of what is committed: three versions, each under a name of its own", async () => {
  const { remote, laptop, desktop } = await two({ "a.sh": "one\n" });
  desktop.write("a.sh", "theirs\n");
  await desktop.sync();
  laptop.write("a.sh", "mine\n");
  git(laptop.directory, "commit", "-qam", "by hand");
  laptop.write("a.sh", `mine\nT=${TOKEN}\n`);
  expect(await laptop.sync()).toMatchObject({ outcome: "conflict", conflicts: [{ path: "a.sh" }] });
  expect(laptop.read("a.sh")).toBe("theirs\n");
  const copies = copiesIn(laptop).map((name) => laptop.read(name));
  expect(new Set(copies)).toEqual(new Set(["mine\n", `mine\nT=${TOKEN}\n`]));
  expect(copies).toHaveLength(2);
  await expectSettled(laptop, remote);
});

test("no file is replaced by a copy: a name that is taken gets a number", async () => {
  const { laptop, desktop } = await two({ "a.sh": "one\n" });
  desktop.write("a.sh", "two\n");
  await desktop.sync();
  laptop.write("a.sh", `T=${TOKEN}\n`);
  const taken = "a.conflict-laptop-20270115-080000.sh";
  laptop.write(taken, "somebody's\n");
  await laptop.sync();
  expect(laptop.read(taken)).toBe("somebody's\n");
  expect(copiesIn(laptop).toSorted()).toEqual(["a.conflict-laptop-20270115-080000-2.sh", taken]);
});
