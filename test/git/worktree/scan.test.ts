import { describe, expect, test } from "bun:test";
import { chmodSync, lstatSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { lockIndex, readIndex } from "../../../src/git/worktree/index-file.ts";
import { scanWorkTree } from "../../../src/git/worktree/scan.ts";
import { DEFAULT_SETTINGS } from "../../../src/git/worktree/settings.ts";
import { statPath } from "../../../src/git/worktree/stat.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { seededRandom } from "../../helpers/random.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";
import { changes, committed, fsPath, put, scan, skips, statusAsChanges } from "./work-tree.ts";

/** Runs an action as a user whom permissions bind; root reads everything. */
function asOtherUser<T>(action: () => T): T {
  if (process.getuid?.() !== 0) return action();
  process.seteuid?.(65_534);
  try {
    return action();
  } finally {
    process.seteuid?.(0);
  }
}

/** Makes the index older than every file, as if it had been written long after them. */
function settle(root: string): void {
  const future = Date.now() / 1000 + 5;
  utimesSync(join(root, ".git/index"), future, future);
}

describe("what a scan finds", () => {
  test("nothing in a clean work tree, and a touch is no change", () => {
    const root = committed({ a: "1", "b/c": "2", "b/d": "" });
    settle(root);
    expect(scan(root)).toMatchObject({ changes: [], skipped: [], refreshed: 0 });
    utimesSync(join(root, "b/c"), 1000, 1000);
    expect(scan(root)).toMatchObject({ changes: [], refreshed: 1, refreshedPaths: ["b/c"] });
  });

  test("added, modified, deleted, changed modes and types, in byte order", () => {
    const root = committed({ a: "1", b: "2", c: "3", d: "4", "e/f": "5", g: "6", "z/z": "7" });
    put(root, "a", "other");
    put(root, "b", "3");
    rmSync(join(root, "c"));
    chmodSync(join(root, "d"), 0o755);
    rmSync(join(root, "e"), { recursive: true });
    rmSync(join(root, "g"));
    symlinkSync("a", join(root, "g"));
    put(root, "new/deep/file", "x");
    put(root, "z/\xff", "x");
    expect(changes(root)).toEqual([
      "modified a",
      "modified b",
      "deleted c",
      "mode-changed d",
      "deleted e/f",
      "type-changed g",
      "added new/deep/file",
      "added z/\xff",
    ]);
    expect(changes(root).map((line) => line.replace("mode-changed", "modified"))).toEqual(
      statusAsChanges(root),
    );
    expect(changes(root, { fileMode: false })).not.toContain("mode-changed d");
  });

  test("a file that becomes a folder, and a folder that becomes a file", () => {
    const root = committed({ a: "1", "b/c": "2", "b/d/e": "3" });
    rmSync(join(root, "a"));
    put(root, "a/x", "1");
    rmSync(join(root, "b"), { recursive: true });
    put(root, "b", "2");
    expect(changes(root)).toEqual(["deleted a", "added a/x", "added b", "deleted b/c", "deleted b/d/e"]);
    expect(changes(root)).toEqual(statusAsChanges(root));
  });

  test("a folder that becomes a link is never followed", () => {
    const outside = temporaryDirectory();
    put(outside, "c", "2");
    const root = committed({ "b/c": "2" });
    rmSync(join(root, "b"), { recursive: true });
    symlinkSync(outside, join(root, "b"));
    expect(changes(root)).toEqual(["added b", "deleted b/c"]);
    expect(changes(root)).toEqual(statusAsChanges(root));
  });

  test("links are compared by the bytes of their target, and may point nowhere or in a circle", () => {
    const root = committed({ x: "1" });
    symlinkSync(Buffer.from("a\\b\xff", "latin1"), join(root, "link"));
    symlinkSync("loop", join(root, "loop"));
    git(root, "add", "-A");
    expect(changes(root)).toEqual([]);
    rmSync(join(root, "link"));
    symlinkSync(Buffer.from("a/b\xff", "latin1"), join(root, "link"));
    expect(changes(root)).toEqual(["modified link"]);
    rmSync(join(root, "link"));
    put(root, "link", "plain");
    expect(changes(root)).toEqual(["type-changed link"]);
    expect(changes(root, { symlinks: false })).toEqual(["modified link"]);
    writeFileSync(join(root, "link"), Buffer.from("a\\b\xff", "latin1"));
    expect(changes(root, { symlinks: false })).toEqual([]);
  });

  test("an edit of the same size at the same time is seen while the index is as young", () => {
    const root = committed({ a: "one", b: "two" });
    const { mtime } = lstatSync(join(root, "a"));
    put(root, "a", "eno");
    utimesSync(join(root, "a"), mtime, mtime);
    expect(changes(root)).toEqual(["modified a"]);
  });

  test("a racy entry is compared, and one from the future does not ask for a rewrite each time", () => {
    const root = committed({ a: "one" });
    utimesSync(join(root, ".git/index"), 1000, 1000);
    expect(scan(root)).toMatchObject({ changes: [], refreshed: 0 });
    const { mtimeMs } = lstatSync(join(root, "a"));
    utimesSync(join(root, ".git/index"), mtimeMs / 1000 - 1, mtimeMs / 1000 - 1);
    expect(scan(root)).toMatchObject({ changes: [], refreshed: 1 });
  });

  test("a smudged entry is compared", () => {
    const root = committed({ a: "one", empty: "" });
    utimesSync(join(root, ".git/index"), 1000, 1000);
    const lock = lockIndex(join(root, ".git"));
    lock.write(lock.index);
    settle(root);
    expect(scan(root)).toMatchObject({ changes: [], refreshedPaths: ["a"] });
  });

  test("modes with strange bits count by the owner's exec bit alone", () => {
    const root = committed({ a: "1", b: "2" });
    chmodSync(join(root, "a"), 0o654);
    chmodSync(join(root, "b"), 0o744);
    expect(changes(root)).toEqual(["mode-changed b"]);
    expect(statusAsChanges(root)).toEqual(["modified b"]);
  });

  test("names that are no UTF-8, have line breaks or 255 bytes", () => {
    const names = [
      "\xff\xfe",
      "new\nline",
      'q"',
      "tab\t",
      "n".repeat(255),
      "a\\b",
      "\xc3\xa9",
      "e\xcc\x81",
      "...",
    ];
    const root = committed(Object.fromEntries(names.map((name) => [name, name])));
    expect(changes(root)).toEqual([]);
    for (const name of names) put(root, name, "changed!");
    for (const name of names) put(root, `sub/${name}`, "new");
    expect(changes(root)).toEqual(statusAsChanges(root));
    expect(changes(root)).toHaveLength(18);
  });

  test("ignored files are not added, tracked ones stay tracked", () => {
    const root = committed({ ".gitignore": "*.log\nbuild/\n", "build/kept": "1", "x.log": "1" });
    git(root, "add", "-f", "build/kept", "x.log");
    put(root, "y.log", "1");
    put(root, "build/new", "1");
    put(root, "build/kept", "changed");
    put(root, "other/build/z", "1");
    put(root, "other/.gitignore", "!*.log\n");
    put(root, "other/y.log", "1");
    expect(changes(root)).toEqual(["modified build/kept", "added other/.gitignore", "added other/y.log"]);
    expect(changes(root)).toEqual(statusAsChanges(root));
  });

  test("the excludes file and info/exclude count", () => {
    const root = committed({ a: "1" });
    put(root, ".git/info/exclude", "*.x\n");
    put(root, ".git/mine", "*.y\n");
    for (const name of ["1.x", "1.y", "1.z"]) put(root, name, "1");
    expect(changes(root, { excludesFile: join(root, ".git/mine") })).toEqual(["added 1.z"]);
  });

  test("an entry that was only announced (add -N) counts as added", () => {
    const root = committed({ a: "1" });
    put(root, "b", "2");
    git(root, "add", "-N", "b");
    expect(changes(root)).toEqual(["added b"]);
  });

  test("what is absent in a sparse checkout is not deleted, and its ignore rules hold", () => {
    const root = committed({ a: "1", "d/x": "2", ".gitignore": "*.log\n" });
    git(root, "update-index", "--skip-worktree", "d/x", ".gitignore");
    rmSync(join(root, "d"), { recursive: true });
    rmSync(join(root, ".gitignore"));
    put(root, "new.log", "1");
    expect(changes(root)).toEqual([]);
  });

  test("what the user told git not to look at is left alone", () => {
    const root = committed({ a: "1", b: "2" });
    git(root, "update-index", "--assume-unchanged", "a", "b");
    put(root, "a", "changed");
    rmSync(join(root, "b"));
    expect(changes(root)).toEqual([]);
  });

  test("names that differ by case or by how an accent is written are files of their own", () => {
    const twins = { "e\xcc\x81": "1", "\xc3\xa9": "2", a: "3", A: "4", "Dir/x": "5", "dir/x": "6" };
    const root = committed(twins);
    settle(root);
    expect(changes(root)).toEqual([]);
    for (const path of Object.keys(twins)) put(root, path, "changed");
    put(root, "DIR/x", "new");
    expect(changes(root)).toEqual(statusAsChanges(root));
    expect(changes(root)).toHaveLength(7);
  });

  test("where case does not count, a name in another case is the tracked file", () => {
    const root = committed({ "Read.me": "1", "Dir/file": "2" });
    renameSync(join(root, "Read.me"), join(root, "READ.ME"));
    for (const path of ["new", "Dir/FILE", "NEW.txt"]) put(root, path, "3");
    // On a file system that does tell the cases apart, git keeps quiet about the new name until the old one is
    // committed as deleted; here both go into one commit, so that the content is never missing from it.
    const found = ["added NEW.txt", "added READ.ME", "deleted Read.me", "added new"];
    expect(changes(root, { ignoreCase: true })).toEqual(found);
    const told = statusAsChanges(root, "core.ignoreCase=true");
    expect(told).toEqual(found.filter((line) => line !== "added READ.ME"));
    expect(changes(root)).toEqual(statusAsChanges(root, "core.ignoreCase=false"));
  });

  test("thousands of random edits are found as git finds them", () => {
    const seed = Number(process.env["SEED"] ?? 7);
    for (let round = 0; round < 12; round++) {
      const random = seededRandom(seed + round);
      const name = (): string => random.pick(["a", "b", "c", "a-b", "a0", "\xe9"]);
      const path = (): string => Array.from({ length: 1 + random.below(4) }, name).join("/");
      const root = committed({});
      const edit = (): void => {
        const at = path();
        const action = random.below(6);
        try {
          rmSync(fsPath(root, at), { recursive: true, force: true });
          if (action < 3) put(root, at, String(random.below(3)));
          else if (action === 3) symlinkSync("a", fsPath(root, at));
          else if (action === 4) chmodSync(fsPath(root, path()), 0o755);
        } catch {
          // A file is in a folder's place, or nothing is there: then this edit does nothing.
        }
      };
      for (let count = 0; count < 150; count++) edit();
      if (random.chance(0.5))
        put(root, ".gitignore", random.pick(["a/\n", "*-b\n!a-b\n", "/b\nc/*\n", "a/**/c\n"]));
      git(root, "add", "-A");
      for (let count = 0; count < 150; count++) edit();
      const found = changes(root).map((line) => line.replace("mode-changed", "modified"));
      expect({ seed: seed + round, found }).toEqual({ seed: seed + round, found: statusAsChanges(root) });
    }
  });

  test("times before 1970 and after 2106 are kept as git keeps them", () => {
    const root = committed({ old: "1", far: "2" });
    Bun.spawnSync(["touch", "-d", "1969-12-31T23:59:58.75Z", join(root, "old")]);
    Bun.spawnSync(["touch", "-d", "2107-01-01T00:00:00.5Z", join(root, "far")]);
    git(root, "update-index", "--refresh");
    const index = readIndex(join(root, ".git"));
    for (const name of ["old", "far"]) {
      const stat = statPath(join(root, name))?.data;
      expect(stat).toEqual(index.statAt(index.find(name)));
    }
    expect(statPath(join(root, "old", "below"))).toBeUndefined();
  });

  test("10,000 files", () => {
    const root = temporaryDirectory();
    git(root, "init", "-q");
    for (let at = 0; at < 10_000; at++) put(root, `d${at % 100}/f${at}`, String(at));
    expect(scan(root).changes).toHaveLength(10_000);
    git(root, "add", "-A");
    put(root, "d7/f7", "changed");
    expect(changes(root)).toEqual(["modified d7/f7"]);
  });
});

describe("what a scan skips", () => {
  test("special files are reported and never opened, also in the place of a tracked file", () => {
    const root = committed({ a: "1", "b/c": "2" });
    Bun.spawnSync(["mkfifo", join(root, "pipe")]);
    rmSync(join(root, "a"));
    Bun.spawnSync(["mkfifo", join(root, "a")]);
    Bun.spawnSync([
      "python3",
      "-c",
      `import socket; socket.socket(1).bind(${JSON.stringify(join(root, "sock"))})`,
    ]);
    expect(skips(root)).toEqual(["fifo a", "fifo pipe", "socket sock"]);
    expect(changes(root)).toEqual([]);
    put(root, ".gitignore", "pipe\nsock\n");
    expect(skips(root)).toEqual(["fifo a"]);
  });

  test("submodules and nested repositories are not entered, ignored ones not even named", () => {
    const root = committed({ a: "1" });
    const inner = committed({ x: "1" });
    git(root, "submodule", "add", "-q", inner, "sub");
    git(root, "commit", "-qm", "sub");
    put(root, "sub/x", "changed");
    put(root, "sub/new", "1");
    git(root, "init", "-q", "nested");
    put(root, "nested/file", "1");
    put(root, "file/.git", "gitdir: elsewhere\n");
    put(root, "file/x", "1");
    git(root, "init", "-q", "ignored");
    put(root, "ignored/file", "1");
    put(root, ".git/info/exclude", "ignored\n");
    expect(skips(root)).toEqual(["nested-repository file", "nested-repository nested", "submodule sub"]);
    expect(changes(root)).toEqual([]);
    rmSync(join(root, "sub"), { recursive: true });
    expect(changes(root)).toEqual([]);
  });

  test("tracked files stay tracked when somebody runs git init among them", () => {
    const root = committed({ "a/b": "1" });
    git(root, "init", "-q", "a");
    put(root, "a/b", "changed");
    expect(changes(root)).toEqual(["modified a/b"]);
    expect(skips(root)).toEqual(["forbidden-name a/.git"]);
  });

  test("names that some file system takes for .git", () => {
    const root = committed({ a: "1" });
    const names = [
      ".GIT",
      ".Git/config",
      "x/.git/y",
      "git~1",
      ".git ",
      ".git...",
      ".git::$DATA/x",
      ".g\xe2\x80\x8cit",
    ];
    for (const name of names) put(root, name, "1");
    put(root, "fine/.gitx", "1");
    put(root, "fine/git", "1");
    expect(changes(root)).toEqual(["added fine/.gitx", "added fine/git"]);
    expect(skips(root)).toHaveLength(names.length);
    expect(new Set(scan(root).skipped.map(({ reason }) => reason))).toEqual(new Set(["forbidden-name"]));
  });

  test("unreadable files and folders are reported, and what is in them is not deleted", () => {
    const root = committed({ "closed/a": "1", "dark/b": "2", c: "3", d: "4" });
    for (const path of ["..", ".", ".git"]) chmodSync(join(root, path), 0o755);
    put(root, "c", "changed");
    put(root, "new", "1");
    for (const path of ["c", "new"]) chmodSync(join(root, path), 0);
    chmodSync(join(root, "closed"), 0);
    // Its names can be listed, but nothing in it can be looked at.
    chmodSync(join(root, "dark"), 0o444);
    try {
      const found = asOtherUser(() => scan(root));
      expect(found.changes).toEqual([]);
      expect(found.skipped.map(({ path, reason }) => `${reason} ${path}`)).toEqual([
        "unreadable c",
        "unreadable closed",
        "unreadable dark/b",
        "unreadable new",
      ]);
    } finally {
      for (const path of ["closed", "dark"]) chmodSync(join(root, path), 0o755);
    }
  });

  test("paths with a filter are reported when they changed, unless the filter does nothing to them", () => {
    const attributes =
      "*.bin filter=lfs\n*.id ident\n*.utf working-tree-encoding=UTF-16\n*.u8 working-tree-encoding=utf-8\n";
    const root = committed({ ".gitattributes": attributes, "a.bin": "1", "b.bin": "2" });
    put(root, "a.bin", "changed");
    utimesSync(join(root, "b.bin"), 1000, 1000);
    for (const name of ["c.bin", "c.id", "c.utf", "c.u8", "c.txt"]) put(root, name, "x");
    expect(skips(root)).toEqual(["filter a.bin", "filter c.bin", "filter c.id", "filter c.utf"]);
    expect(changes(root)).toEqual(["added c.txt", "added c.u8"]);
    expect(scan(root).refreshedPaths).toContain("b.bin");
  });
});

describe("a top folder that is gone", () => {
  test("is an error, never a mass deletion", () => {
    const root = committed({ a: "1" });
    const index = readIndex(join(root, ".git"));
    const input = { root, gitDirectory: join(temporaryDirectory(), "x"), index, settings: DEFAULT_SETTINGS };
    rmSync(root, { recursive: true });
    const scanGone = (): unknown => scanWorkTree({ ...input, objects: new MemoryObjects() });
    expect(thrown(scanGone)).toMatchObject({ kind: "guard", code: "FOLDER_MISSING", data: { path: root } });
    writeFileSync(root, "a file");
    expect(thrown(scanGone).code).toBe("FOLDER_MISSING");
  });

  test("the same when it can not be read", () => {
    const root = committed({ a: "1" });
    chmodSync(join(root, ".."), 0o755);
    chmodSync(join(root, ".git"), 0o755);
    chmodSync(root, 0o311);
    try {
      expect(asOtherUser(() => thrown(() => scan(root))).code).toBe("FOLDER_MISSING");
    } finally {
      chmodSync(root, 0o755);
    }
  });

  test("a scan stops when it is told to", () => {
    const root = committed({ a: "1" });
    expect(thrown(() => scan(root, {}, AbortSignal.abort())).code).toBe("INTERRUPTED");
  });
});
