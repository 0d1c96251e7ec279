import { expect, test } from "bun:test";
import { existsSync, lstatSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";

import "../helpers/on-disk.ts";
import { expectConverged, makeDevice, type Device } from "../helpers/device.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

/** Two devices with the same notes, through a bare repository in a folder. */
async function pair(): Promise<{ laptop: Device; desktop: Device; remote: string }> {
  const remote = join(temporaryDirectory(), "remote.git");
  git(temporaryDirectory(), "init", "--bare", remote);
  const laptop = makeDevice("laptop");
  const desktop = makeDevice("desktop");
  laptop.write("todo.md", "- milk\n");
  laptop.write("plan.md", "one\ntwo\nthree\nfour\nfive\nsix\nseven\n");
  laptop.write("bin/run.sh", "#!/bin/sh\n", 0o755);
  laptop.write("empty", "");
  laptop.link("latest", "todo.md");
  await laptop.lull(["add", "notes", "--remote", remote]);
  await laptop.lull(["sync"]);
  await desktop.lull(["add", "notes", "--remote", remote]);
  await desktop.lull(["sync"]);
  return { laptop, desktop, remote };
}

test("a second device gets the same bytes, modes and links", async () => {
  const { laptop, desktop, remote } = await pair();
  expectConverged([laptop, desktop], [remote]);
  expect(desktop.read("plan.md")).toContain("seven");
  expect(lstatSync(join(desktop.notes, "bin/run.sh")).mode & 0o111).not.toBe(0);
});

test("edits, new files, deletions, mode changes and renames travel both ways", async () => {
  const { laptop, desktop, remote } = await pair();
  laptop.write("todo.md", "- milk\n- bread\n");
  laptop.remove("empty");
  desktop.write("ideas/garden.md", "tomatoes\n");
  desktop.write("bin/run.sh", "#!/bin/sh\necho hello\n");
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  await laptop.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
  expect(desktop.read("todo.md")).toBe("- milk\n- bread\n");
  expect(existsSync(join(desktop.notes, "empty"))).toBe(false);
  expect(laptop.read("ideas/garden.md")).toBe("tomatoes\n");
});

test("different lines of one file merge by themselves", async () => {
  const { laptop, desktop, remote } = await pair();
  laptop.write("plan.md", "ONE\ntwo\nthree\nfour\nfive\nsix\nseven\n");
  desktop.write("plan.md", "one\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n");
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  await laptop.lull(["sync"]);
  expect(laptop.read("plan.md")).toBe("ONE\ntwo\nthree\nfour\nfive\nsix\nSEVEN\n");
  expectConverged([laptop, desktop], [remote]);
});

test("a conflict keeps both versions, ends with exit code 5 and says where they are", async () => {
  const { laptop, desktop, remote } = await pair();
  laptop.write("plan.md", "laptop\n");
  desktop.write("plan.md", "desktop\n");
  desktop.write("other.md", "goes on\n");
  await laptop.lull(["sync"]);
  const met = await desktop.lull(["sync"], 5);
  expect(desktop.read("plan.md")).toBe("laptop\n");
  const copy = readdirSync(desktop.notes).find((name) => name.startsWith("plan.conflict-desktop-"));
  expect(copy).toMatch(/^plan\.conflict-desktop-\d{8}-\d{6}\.md$/);
  expect(desktop.read(copy ?? "")).toBe("desktop\n");
  expect(met.stdout).toContain(copy ?? "missing");
  await laptop.lull(["sync"]);
  expect(laptop.read("other.md")).toBe("goes on\n");
  expectConverged([laptop, desktop], [remote]);

  desktop.write("plan.md", "both\n");
  desktop.remove(copy ?? "");
  await desktop.lull(["sync"]);
  await laptop.lull(["sync"]);
  expect(laptop.read("plan.md")).toBe("both\n");
  expectConverged([laptop, desktop], [remote]);
});

test("binary conflicts keep every byte of both sides", async () => {
  const { laptop, desktop, remote } = await pair();
  const base = new Uint8Array(2000).map((_, index) => index % 256);
  laptop.write("photo.raw", base);
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  const mine = base.slice();
  mine[10] = 0xff;
  const yours = base.slice();
  yours[1990] = 0x00;
  laptop.write("photo.raw", mine);
  desktop.write("photo.raw", yours);
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"], 5);
  await laptop.lull(["sync"]);
  expectConverged([laptop, desktop], [remote]);
  const sizes = Object.entries(laptop.snapshot()).filter(([path]) => path.startsWith("photo"));
  expect(sizes).toHaveLength(2);
});

test("an edit on one side and a deletion on the other keeps the edit", async () => {
  const { laptop, desktop, remote } = await pair();
  laptop.remove("todo.md");
  desktop.write("todo.md", "- milk\n- precious\n");
  await laptop.lull(["sync"]);
  // It is told and needs nobody: what was written is there, and nothing lies beside it.
  expect((await desktop.lull(["sync"])).stdout).toContain("todo.md: modify-delete (keep-both)");
  await laptop.lull(["sync"]);
  expect(laptop.read("todo.md")).toBe("- milk\n- precious\n");
  expectConverged([laptop, desktop], [remote]);
});

test("a file that becomes a folder, and the other way round, arrives", async () => {
  const { laptop, desktop, remote } = await pair();
  laptop.remove("todo.md");
  laptop.write("todo.md/inner.md", "now a folder\n");
  laptop.remove("bin");
  laptop.write("bin", "now a file\n");
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  expect(desktop.read("todo.md/inner.md")).toBe("now a folder\n");
  expect(desktop.read("bin")).toBe("now a file\n");
  expectConverged([laptop, desktop], [remote]);
});

test("a device that already has files of its own joins without losing any", async () => {
  const { laptop, remote } = await pair();
  const tablet = makeDevice("tablet");
  tablet.write("todo.md", "- tablet's own\n");
  tablet.write("sketch.md", "only here\n");
  await tablet.lull(["add", "notes", "--remote", remote]);
  await tablet.lull(["sync"], 5);
  await laptop.lull(["sync"]);
  expectConverged([laptop, tablet], [remote]);
  expect(laptop.read("sketch.md")).toBe("only here\n");
  expect(
    Object.keys(laptop.snapshot()).filter((path) => path.startsWith("todo.conflict-tablet-")),
  ).toHaveLength(1);
});

test("a sync with nothing to do changes nothing and says so", async () => {
  const { laptop } = await pair();
  const before = git(laptop.notes, "rev-parse", "HEAD");
  const quiet = await laptop.json(["sync"]);
  expect(quiet.json).toMatchObject({ version: 1, runs: [{ source: "notes", outcome: "up-to-date" }] });
  expect(git(laptop.notes, "rev-parse", "HEAD")).toBe(before);
});

test("a dry run tells the plan and touches neither folder nor remote", async () => {
  const { laptop, desktop, remote } = await pair();
  laptop.write("todo.md", "- milk\n- plan\n");
  const head = git(remote, "rev-parse", "HEAD");
  const plan = await laptop.json(["sync", "--dry-run"]);
  expect(plan.json).toMatchObject({ runs: [{ dryRun: true, committed: { files: 1 } }] });
  expect(git(laptop.notes, "status", "--porcelain")).toBe(" M todo.md");
  expect(git(remote, "rev-parse", "HEAD")).toBe(head);
  expect(desktop.read("todo.md")).toBe("- milk\n");
});

test("ignored files stay here and are not touched", async () => {
  const { laptop, desktop, remote } = await pair();
  laptop.write(".gitignore", "*.log\ncache/\n");
  laptop.write("debug.log", "local only\n");
  laptop.write("cache/x", "local only\n");
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  expect(existsSync(join(desktop.notes, "debug.log"))).toBe(false);
  expect(existsSync(join(desktop.notes, "cache"))).toBe(false);
  expect(laptop.read("debug.log")).toBe("local only\n");
  expect(git(laptop.notes, "rev-parse", "HEAD")).toBe(git(remote, "rev-parse", "HEAD"));
});

test("an ignored file in the way of a new file of the remote is kept, and the error names it", async () => {
  const { laptop, desktop } = await pair();
  laptop.write(".git/info/exclude", "secret.txt\n");
  laptop.write("secret.txt", "mine, ignored here\n");
  desktop.write("secret.txt", "tracked there\n");
  await desktop.lull(["sync"]);
  const held = await laptop.lull(["sync"], 5);
  expect(held.stdout + held.stderr).toContain("secret.txt");
  expect(laptop.read("secret.txt")).toBe("mine, ignored here\n");
  laptop.remove("secret.txt");
  await laptop.lull(["sync"]);
  expect(laptop.read("secret.txt")).toBe("tracked there\n");
});

test("lull makes the remote itself when none is given, and two sources do not share one", async () => {
  const laptop = makeDevice("laptop");
  laptop.write("a.md", "a\n");
  mkdirSync(join(laptop.home, "other"));
  await laptop.lull(["init", "notes"]);
  await laptop.lull(["add", "other"]);
  await laptop.lull(["sync"]);
  const remote = join(laptop.dataDirectory, "remotes", "notes.git");
  expect(git(remote, "log", "--format=%s", "main")).toContain("a.md");
  expectConverged([laptop], [remote]);
  expect(existsSync(join(laptop.dataDirectory, "remotes", "other.git"))).toBe(true);
});

test("names of every kind survive the journey", async () => {
  const { laptop, desktop, remote } = await pair();
  for (const name of [
    "with space.md",
    'quote"s.md',
    "new\nline.md",
    "ünïcödé.md",
    "-dash",
    "a\\b",
    "x".repeat(255),
  ]) {
    laptop.write(name, name);
  }
  await laptop.lull(["sync"]);
  await desktop.lull(["sync"]);
  expect(desktop.read("new\nline.md")).toBe("new\nline.md");
  expectConverged([laptop, desktop], [remote]);
});
