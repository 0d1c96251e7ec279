import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../../src/base/errors.ts";
import { MODE } from "../../../src/git/model.ts";
import { workTreeConversion } from "../../../src/git/worktree/conversion.ts";
import { LARGE_FILE } from "../../../src/git/worktree/file-content.ts";
import { lockIndex, readIndex } from "../../../src/git/worktree/index-file.ts";
import { DEFAULT_SETTINGS } from "../../../src/git/worktree/settings.ts";
import { stagePaths } from "../../../src/git/worktree/stage.ts";
import { writeTree } from "../../../src/git/worktree/write-tree.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";
import { committed, put, scan, stageAll, status } from "./work-tree.ts";
import type { ObjectKind, Oid } from "../../../src/git/model.ts";

function stage(
  root: string,
  paths: readonly string[],
  batch = new MemoryObjects(root),
): ReturnType<typeof stagePaths> {
  const gitDirectory = join(root, ".git");
  const index = readIndex(gitDirectory);
  return stagePaths({ root, gitDirectory, index, batch, paths, settings: DEFAULT_SETTINGS });
}

/** `a` is written to each time it was read, so many times; `b` is left alone. */
function stageWhileWriting(root: string, times: number): ReturnType<typeof stagePaths> {
  const gitDirectory = join(root, ".git");
  const index = readIndex(gitDirectory);
  const batch = new MemoryObjects(root);
  const input = { root, gitDirectory, index, settings: DEFAULT_SETTINGS };
  const conversion = workTreeConversion({ ...input, objects: batch });
  let left = times;
  return stagePaths({
    ...input,
    batch,
    paths: ["a", "b"],
    conversion: {
      ...conversion,
      toRepository(bytes, path) {
        if (path === "a" && left-- > 0) put(root, "a", `version ${left}`);
        return conversion.toRepository(bytes, path);
      },
    },
  });
}

describe("staging", () => {
  test("gives the tree that git would write, and git finds the work tree clean", () => {
    const names = [
      "a",
      "\xff\xfe",
      "new\nline",
      'q"',
      "n".repeat(255),
      "a\\b",
      "d/e/f",
      "d/e-f",
      "d/e.f/g",
      "empty",
    ];
    const root = committed({ gone: "1", "folder/x": "2", swap: "3", "swop/x": "4" });
    for (const name of names) put(root, name, name === "empty" ? "" : `content of ${name}`);
    symlinkSync(Buffer.from("a\\b\xff", "latin1"), join(root, "link"));
    chmodSync(join(root, "d/e/f"), 0o654);
    chmodSync(join(root, "a"), 0o755);
    rmSync(join(root, "gone"));
    rmSync(join(root, "swap"));
    put(root, "swap/in/here", "5");
    rmSync(join(root, "swop"), { recursive: true });
    put(root, "swop", "6");
    const { tree, skipped, unsettled } = stageAll(root);
    expect([skipped, unsettled]).toEqual([[], []]);
    const mine = gitRaw(root, ["ls-files", "-s", "-z"]);
    expect(git(root, "write-tree")).toBe(tree);
    expect(status(root).filter((line) => line[1] !== " ")).toEqual([]);
    rmSync(join(root, ".git/index"));
    git(root, "add", "-A");
    expect(gitRaw(root, ["ls-files", "-s", "-z"]).equals(mine)).toBe(true);
    git(root, "commit", "-qm", "2");
    fsck(root);
  });

  test("takes files as they are now, not as the scan saw them", () => {
    const root = committed({ a: "1", b: "2" });
    put(root, "a", "first");
    const found = scan(root).changes.map(({ path }) => path);
    put(root, "a", "second");
    stageAll(root, { paths: found });
    expect(git(root, "show", ":a")).toBe("second");
  });

  test("entries that only had old stat data are renewed and the content stays", () => {
    const root = committed({ a: "1" });
    utimesSync(join(root, "a"), 1000, 1000);
    const { staged, tree } = stageAll(root);
    expect(staged).toEqual(["a"]);
    expect(tree).toBe(git(root, "rev-parse", "HEAD^{tree}"));
    expect(scan(root)).toMatchObject({ changes: [], refreshed: 0 });
    expect(git(root, "ls-files", "--debug", "a")).toContain("mtime: 1000:0");
  });

  test("a file younger than the lock is not vouched for", () => {
    const root = committed({ old: "1", young: "2" });
    utimesSync(join(root, "old"), 1000, 1000);
    const future = Date.now() / 1000 + 100;
    utimesSync(join(root, "young"), future, future);
    stageAll(root, { paths: ["old", "young"] });
    const index = readIndex(join(root, ".git"));
    expect([index.statAt(0).size, index.statAt(1).size]).toEqual([1, 0]);
    expect(status(root)).toEqual([]);
  });

  test("a file that changes while it is read is read again, and left for later when it never rests", () => {
    const root = committed({ a: "1", b: "1" });
    put(root, "a", "start");
    expect(stageWhileWriting(root, 2)).toMatchObject({ staged: ["a", "b"], unsettled: [] });
    expect(stageWhileWriting(root, 1000)).toMatchObject({ staged: ["b"], unsettled: ["a"] });
  });

  test("a large file that changes while it is stored is stored again, or left for later", () => {
    const root = committed({ a: "1" });
    const large = Buffer.alloc(LARGE_FILE + 1, "x");
    for (const [times, result] of [
      [2, { staged: ["a"], unsettled: [] }],
      [1000, { staged: [], unsettled: ["a"] }],
    ] as const) {
      writeFileSync(join(root, "a"), large);
      const batch = new MemoryObjects(root);
      let left = times;
      batch.writeBlobFrom = (handle, size) => {
        const oid = MemoryObjects.prototype.writeBlobFrom.call(batch, handle, size);
        if (left-- > 0) writeFileSync(join(root, "a"), large.fill(left % 256));
        return oid;
      };
      expect(stage(root, ["a"], batch)).toMatchObject(result);
      left = times;
      batch.writeBlobFrom = (handle, size) => {
        if (left-- <= 0) return MemoryObjects.prototype.writeBlobFrom.call(batch, handle, size);
        throw new LullError({ kind: "failed", code: "FILE_CHANGED", message: "its size changed" });
      };
      expect(stage(root, ["a"], batch)).toMatchObject(result);
    }
  });

  test("a large file that was only touched is not stored again", () => {
    const root = committed({ a: Buffer.alloc(LARGE_FILE + 1, "x").toString() });
    utimesSync(join(root, "a"), 1000, 1000);
    const batch = new MemoryObjects(root);
    batch.writeBlobFrom = () => {
      throw new Error("the object is there");
    };
    expect(stage(root, ["a"], batch).staged).toEqual(["a"]);
    expect(batch.written).toBe(0);
  });

  test("a large file goes into the batch as a stream, a large text with line ends to convert does not", () => {
    const root = committed({ ".gitattributes": "*.txt text\nauto text=auto\n" });
    const large = Buffer.alloc(33 * 1024 * 1024, "0123456789abcde\n");
    writeFileSync(join(root, "raw"), large);
    writeFileSync(join(root, "x.txt"), Buffer.concat([large, Buffer.from("end\r\n")]));
    const batch = new MemoryObjects(root);
    const streamed: number[] = [];
    batch.writeBlobFrom = (handle, size) => {
      streamed.push(size);
      return MemoryObjects.prototype.writeBlobFrom.call(batch, handle, size);
    };
    const { staged } = stage(root, ["raw", "x.txt"], batch);
    expect(staged).toEqual(["raw", "x.txt"]);
    expect(streamed).toEqual([large.length]);
    expect([...batch.objects.keys()].sort()).toEqual(
      ["raw", "x.txt"].map((name) => git(root, "hash-object", name)).sort(),
    );
    git(root, "add", "-A");
    for (const name of ["raw", "x.txt"]) utimesSync(join(root, name), 1000, 1000);
    expect(scan(root).refreshedPaths).toEqual(["raw", "x.txt"]);
    // Whether a large file is text is decided by its first piece when that already shows a NUL.
    writeFileSync(join(root, "auto"), Buffer.concat([Buffer.from("\0\r\n"), large]));
    expect(stage(root, ["auto"], batch).staged).toEqual(["auto"]);
  });

  test("rules that leave with their file convert nothing any more", () => {
    const root = committed({ ".gitattributes": "* text\n", "sub/.gitattributes": "* text\n" });
    for (const folder of ["", "sub/"]) {
      rmSync(join(root, `${folder}.gitattributes`));
      put(root, `${folder}new`, "\0\r\n");
    }
    // In `sub` only the new file is staged: its rules stay in the index, and hold.
    stageAll(root, { paths: [".gitattributes", "new", "sub/new"] });
    expect(gitRaw(root, ["show", ":new"]).toString()).toBe("\0\r\n");
    expect(gitRaw(root, ["show", ":sub/new"]).toString()).toBe("\0\n");
  });

  test("modes come from the index where the file system keeps none", () => {
    const root = committed({ a: "1", b: "2" });
    symlinkSync("a", join(root, "link"));
    chmodSync(join(root, "a"), 0o755);
    git(root, "add", "-A");
    chmodSync(join(root, "a"), 0o644);
    chmodSync(join(root, "b"), 0o755);
    rmSync(join(root, "link"));
    put(root, "link", "b\r\n");
    put(root, ".gitattributes", "* text\n");
    put(root, "new", "3");
    chmodSync(join(root, "new"), 0o755);
    const paths = ["a", "b", "link", "new"];
    stageAll(root, { paths, settings: { fileMode: false, symlinks: false } });
    const index = readIndex(join(root, ".git"));
    expect(paths.map((path) => index.modeAt(index.find(path)))).toEqual([
      MODE.executable,
      MODE.file,
      MODE.symlink,
      MODE.file,
    ]);
    expect(gitRaw(root, ["show", ":link"]).toString()).toBe("b\r\n");
  });
});

describe("what staging leaves alone", () => {
  test("paths behind links, in submodules, special, forbidden, filtered and absent on purpose", () => {
    const root = committed({
      "d/x": "1",
      sparse: "2",
      ".gitattributes": "*.bin filter=lfs\n",
      "k.bin": "3",
      f: "4",
    });
    const inner = committed({ x: "1" });
    git(root, "submodule", "add", "-q", inner, "s/sub");
    git(root, "commit", "-qm", "2");
    git(root, "update-index", "--skip-worktree", "sparse");
    rmSync(join(root, "sparse"));
    const outside = temporaryDirectory();
    put(outside, "x", "secret");
    rmSync(join(root, "d"), { recursive: true });
    symlinkSync(outside, join(root, "d"));
    Bun.spawnSync(["mkfifo", join(root, "pipe")]);
    put(root, ".GIT/config", "1");
    put(root, "n.bin", "1");
    utimesSync(join(root, "k.bin"), 1000, 1000);
    symlinkSync("x", join(root, ".gitmodules2"));
    rmSync(join(root, ".gitmodules"));
    symlinkSync("x", join(root, ".gitmodules"));
    const paths = [
      "d",
      "d/x",
      "s",
      "s/sub",
      "s/sub/x",
      "pipe",
      ".GIT/config",
      "n.bin",
      "k.bin",
      "sparse",
      "none",
      ".gitmodules",
    ];
    const result = stage(root, paths);
    expect(result.staged).toEqual(["d", "k.bin"]);
    expect(result.removed).toEqual(["d/x"]);
    expect(result.skipped.map(({ path, reason }) => `${reason} ${path}`)).toEqual([
      "forbidden-name .GIT/config",
      "forbidden-name .gitmodules",
      "filter n.bin",
      "fifo pipe",
      "submodule s",
      "submodule s/sub",
      "submodule s/sub/x",
    ]);
  });

  test("unreadable files and folders", () => {
    const root = committed({ a: "1", "closed/b": "2" });
    chmodSync(join(root, "a"), 0);
    chmodSync(join(root, "closed"), 0);
    for (const path of ["..", ".", ".git"]) chmodSync(join(root, path), 0o755);
    if (process.getuid?.() === 0) process.seteuid?.(65_534);
    try {
      const reasons = stage(root, ["a", "closed/b"]).skipped;
      expect(reasons.map(({ reason }) => reason)).toEqual(["unreadable", "unreadable"]);
    } finally {
      if (process.getuid?.() === 0) process.seteuid?.(0);
      chmodSync(join(root, "closed"), 0o755);
    }
  });

  test("everything, when the top folder is gone or it is told to stop", () => {
    const root = committed({ a: "1" });
    const index = readIndex(join(root, ".git"));
    const input = {
      root,
      gitDirectory: join(root, ".git"),
      index,
      batch: new MemoryObjects(),
      paths: ["a"],
      settings: DEFAULT_SETTINGS,
    };
    expect(thrown(() => stagePaths({ ...input, signal: AbortSignal.abort() })).code).toBe("INTERRUPTED");
    rmSync(root, { recursive: true });
    expect(thrown(() => stagePaths(input)).code).toBe("FOLDER_MISSING");
    expect(index.count).toBe(1);
    mkdirSync(root);
    class Unmounting extends MemoryObjects {
      override write(kind: ObjectKind, bytes: Uint8Array): Oid {
        rmSync(root, { recursive: true });
        mkdirSync(`${root}-other`);
        mkdirSync(root);
        rmSync(`${root}-other`, { recursive: true });
        return super.write(kind, bytes);
      }
    }
    put(root, "a", "2");
    expect(thrown(() => stagePaths({ ...input, batch: new Unmounting() })).code).toBe("FOLDER_MISSING");
    expect(index.count).toBe(1);
  });
});

describe("writing trees", () => {
  test("only folders that changed are written again", () => {
    const root = committed({ "a/b/c": "1", "a/d": "2", "e/f": "3", "e/g/h": "4" });
    git(root, "write-tree");
    put(root, "a/d", "changed");
    const batch = new MemoryObjects(root);
    const lock = lockIndex(join(root, ".git"));
    const { index } = lock;
    stagePaths({
      root,
      gitDirectory: join(root, ".git"),
      index,
      batch,
      paths: ["a/d"],
      settings: DEFAULT_SETTINGS,
    });
    const before = batch.written;
    const tree = writeTree(index, batch);
    expect(batch.written - before).toBe(2);
    expect(writeTree(index, batch)).toBe(tree);
    expect(batch.written - before).toBe(2);
    batch.finish();
    lock.write(index);
    expect(git(root, "write-tree")).toBe(tree);
    fsck(root);
  });

  test("a cached tree whose object is gone is written anew", () => {
    const root = committed({ "a/b": "1" });
    const tree = git(root, "write-tree");
    const batch = new MemoryObjects();
    batch.write("blob", Buffer.from("1"));
    expect(writeTree(readIndex(join(root, ".git")), batch)).toBe(tree);
    expect(batch.written).toBe(3);
  });

  test("entries that their folder's former tree has are not looked for one by one", () => {
    const root = committed({ "a/b": "1", "a/c": "2" });
    git(root, "write-tree");
    const former = new MemoryObjects();
    const oid = former.write("blob", Buffer.from("3"));
    const change = new Map([["a/b", { mode: MODE.file, oid, stat: undefined }]]);
    const changed = readIndex(join(root, ".git"));
    changed.update(change);
    // Neither `a/c` nor the trees of before are here.
    expect(thrown(() => writeTree(changed, former)).code).toBe("OBJECT_MISSING");
    for (const tree of [git(root, "rev-parse", "HEAD^{tree}"), git(root, "rev-parse", "HEAD:a")])
      former.write("tree", gitRaw(root, ["cat-file", "tree", tree]));
    writeTree(changed, former);
    changed.update(new Map([["a/c", { mode: MODE.file, oid: "1".repeat(40), stat: undefined }]]));
    expect(thrown(() => writeTree(changed, former)).code).toBe("OBJECT_MISSING");
  });

  test("announced entries are in no tree, and folders with nothing else neither", () => {
    const root = committed({ a: "1", "b/c": "2" });
    put(root, "b/new", "1");
    put(root, "only/new", "1");
    git(root, "add", "-N", "b/new", "only/new");
    const index = readIndex(join(root, ".git"));
    expect(writeTree(index, new MemoryObjects(root))).toBe(git(root, "write-tree"));
    expect(index.cachedTree("b")).toBeUndefined();
    expect(index.cachedTree("")).toBeUndefined();
  });

  test("an empty index gives the empty tree", () => {
    const index = readIndex(temporaryDirectory());
    expect(writeTree(index, new MemoryObjects())).toBe("4b825dc642cb6eb9a060e54bf8d69288fbee4904");
  });

  test("submodules are kept without their objects", () => {
    const root = committed({ a: "1" });
    git(root, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},sub`);
    const index = readIndex(join(root, ".git"));
    expect(writeTree(index, new MemoryObjects(root))).toBe(git(root, "write-tree"));
  });

  test("forbidden names and missing objects stop it", () => {
    const root = committed({ a: "1" });
    const index = readIndex(join(root, ".git"));
    const version = index.versionAt(0);
    const withPath = (path: string, oid: string = version.oid, mode: number = MODE.file): LullError => {
      const fresh = readIndex(join(root, ".git"));
      fresh.update(new Map([[path, { mode: mode as typeof MODE.file, oid, stat: undefined }]]));
      return thrown(() => writeTree(fresh, new MemoryObjects(root)));
    };
    for (const path of [".GIT", "x/.git/config", "git~1/x", "..", "c//b", "x/.git. /y"]) {
      expect(withPath(path)).toMatchObject({ kind: "unsafe", code: "FORBIDDEN_NAME" });
    }
    expect(withPath(".gitmodules", version.oid, MODE.symlink).code).toBe("FORBIDDEN_NAME");
    expect(withPath("b", "1".repeat(40)).code).toBe("OBJECT_MISSING");
    expect(withPath("b", "0".repeat(40)).code).toBe("OBJECT_MISSING");
  });
});
