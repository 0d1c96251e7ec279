import { describe, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";

import type { CheckoutResult } from "../../../src/git/git.ts";
import { displayPath } from "../../../src/git/paths.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";
import {
  checkOut,
  commitFiles,
  commitTree,
  expectCheckedOut,
  newRepository,
  read,
  startAt,
  write,
} from "./fixture.ts";
import { cannotRun } from "../../helpers/skip.ts";

function blockedPaths(result: CheckoutResult): string[] {
  return result.kind === "blocked"
    ? result.paths.map(({ path, reason }) => `${displayPath(path)}: ${reason}`)
    : ["done"];
}

/** Makes both commits, stands on the first with system git, and returns them. */
function pair(before: Record<string, string>, after: Record<string, string>) {
  const root = newRepository();
  const one = commitFiles(root, before);
  const two = commitFiles(root, after, one);
  startAt(root, one);
  return { root, one, two };
}

describe("a checkout", () => {
  test("adds, changes and removes files, links and exec bits, as git would", () => {
    const { root, two } = pair(
      { a: "1\n", "b/c": "2\n", "b/d": "3\n", "run*": "x\n", link: "->a", same: "s\n", mode: "m\n" },
      {
        a: "1 new\n",
        "b/c": "2\n",
        "e/f/g": "4\n",
        run: "x\n",
        link: "->b/c",
        same: "s\n",
        "mode*": "m\n",
        empty: "",
      },
    );
    const before = statSync(join(root, "same")).ino;
    expect(checkOut(root, two)).toEqual({ kind: "done", written: 6, removed: 1 });
    expectCheckedOut(root, two);
    expect(statSync(join(root, "same")).ino).toBe(before);
    expect(git(root, "reflog", "-1", "--format=%gs")).toBe("lull: test");
  });

  test("starts from nothing: the first checkout of an unborn branch", () => {
    const root = newRepository();
    const one = commitFiles(root, { a: "1\n", "b/c": "2\n" });
    expect(checkOut(root, one).kind).toBe("done");
    expectCheckedOut(root, one);
  });

  test("to where it is changes nothing", () => {
    const { root, one } = pair({ a: "1\n" }, {});
    write(root, "a", "edited\n");
    expect(checkOut(root, one)).toEqual({ kind: "done", written: 0, removed: 0 });
    expect(read(root, "a")).toBe("edited\n");
  });

  const SHAPES: readonly (readonly [string, Record<string, string>, Record<string, string>])[] = [
    ["a file becomes a folder", { a: "1" }, { "a/b/c": "2" }],
    ["a link becomes a folder", { a: "->/etc" }, { "a/hosts": "2" }],
    ["a file becomes a link", { a: "1" }, { a: "->b" }],
    ["a link becomes a file", { a: "->b" }, { a: "1" }],
    ["a link becomes an executable", { a: "->b" }, { "a*": "1" }],
    ["names nest in byte order", { "a-b": "1", "a/b": "2", a0: "3" }, { a: "1", "a-b/x": "2", "a0/y": "3" }],
    ["everything goes away", { a: "1", "b/c": "2" }, { z: "1" }],
    [
      "names have every byte",
      { "\xff\xfe": "1", "d\xe9/\xe4": "2", "a\nb": "3", " ": "x" },
      { "\xff\xfd": "1", "d\xe9/\xe4": "3", "a\tb": "3", " ": "y" },
    ],
    [
      "contents have every byte",
      { a: "x" },
      { a: String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte)) },
    ],
    ["link targets have every byte", { a: "->x" }, { a: "->\xff/\xfe\n" }],
  ];
  test.each(SHAPES)("works both ways when %s", (_what, before, after) => {
    const { root, one, two } = pair(before, after);
    expect(checkOut(root, two).kind).toBe("done");
    expectCheckedOut(root, two);
    expect(checkOut(root, one).kind).toBe("done");
    expectCheckedOut(root, one);
  });

  test("keeps a private file private and lets the tree decide on the exec bit", () => {
    const { root, two } = pair(
      { a: "1", b: "1", "c*": "1", d: "1" },
      { a: "2", "b*": "2", c: "2", "d*": "1" },
    );
    for (const name of ["a", "b", "d"]) chmodSync(join(root, name), 0o600);
    chmodSync(join(root, "c"), 0o700);
    expect(checkOut(root, two).kind).toBe("done");
    const modes = ["a", "b", "c", "d"].map((name) => (statSync(join(root, name)).mode & 0o777).toString(8));
    expect(modes).toEqual(["600", "700", "600", "700"]);
    expectCheckedOut(root, two);
  });

  test("gives new files the permission bits that git gives them", () => {
    const { root, two } = pair({}, { a: "1", "b*": "2", "c/d": "3" });
    const other = temporaryDirectory();
    git(other, "clone", "-q", root, "x");
    checkOut(root, two);
    git(root, "worktree", "add", "-q", "--detach", join(other, "w"), two);
    for (const name of ["a", "b", "c", "c/d"])
      expect(statSync(join(root, name)).mode).toBe(statSync(join(other, "w", name)).mode);
  });

  test("copies huge files in pieces, tells how far it is, and stops amid one when asked to", () => {
    const huge = "0123456789abcdef".repeat(600_000);
    const { root, one, two } = pair({ a: "1" }, { a: huge, b: huge });
    const controller = new AbortController();
    const seen: number[] = [];
    const onProgress = (step: string, done: number, total: number | undefined): void => {
      if (step !== "writing") return;
      expect(total).toBe(huge.length);
      seen.push(done);
      if (done > huge.length / 2) controller.abort();
    };
    expect(thrown(() => checkOut(root, two, { signal: controller.signal, onProgress })).code).toBe(
      "INTERRUPTED",
    );
    expect(seen.at(-1)).toBeLessThan(huge.length);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect([read(root, "a"), git(root, "rev-parse", "HEAD")]).toEqual(["1", one]);
    expect(readdirSync(join(root, ".git/lull/tmp"))).toEqual([]);
    expect(checkOut(root, two).kind).toBe("done");
    expectCheckedOut(root, two);
  });

  test("converts line ends by the attributes of the commit that is coming", () => {
    const { root, one, two } = pair(
      { "a.txt": "1\n2\n" },
      { "a.txt": "1\n3\n", ".gitattributes": "*.txt text eol=crlf\n", "sub/b.txt": "x\n" },
    );
    expect(checkOut(root, two).kind).toBe("done");
    expect([read(root, "a.txt"), read(root, "sub/b.txt")]).toEqual(["1\r\n3\r\n", "x\r\n"]);
    expectCheckedOut(root, two);
    expect(checkOut(root, one).kind).toBe("done");
    expect(read(root, "a.txt")).toBe("1\n2\n");
    expectCheckedOut(root, one);
  });

  test("refuses, before any write, a path that needs a filter", () => {
    const { root, two } = pair(
      { a: "1" },
      { a: "2", ".gitattributes": "*.bin filter=lfs\n", "x.bin": "pointer" },
    );
    expect(blockedPaths(checkOut(root, two))).toEqual([
      "x.bin: it needs a filter that lull does not run (filter=lfs)",
    ]);
    expect(read(root, "a")).toBe("1");
  });

  test("leaves submodules alone: an empty folder is made, none is ever deleted", () => {
    const root = newRepository();
    const tree = (text: string): string =>
      gitRaw(root, ["mktree", "--missing"], { input: text }).toString().trim();
    const link = `160000 commit ${"1".repeat(40)}\tsub\n`;
    const blob = git(root, "hash-object", "-w", "--stdin");
    const none = commitTree(root, tree(`100644 blob ${blob}\ta\n`));
    const withSub = commitTree(root, tree(`100644 blob ${blob}\ta\n${link}`), none);
    const file = commitTree(root, tree(`100644 blob ${blob}\ta\n100644 blob ${blob}\tsub\n`), none);
    startAt(root, none);
    checkOut(root, withSub);
    expect(readdirSync(join(root, "sub"))).toEqual([]);
    expectCheckedOut(root, withSub);
    write(root, "sub/theirs", "x");
    expect(blockedPaths(checkOut(root, file))).toEqual(["sub: a folder is in the way"]);
    expect(checkOut(root, none).kind).toBe("done");
    expect(read(root, "sub/theirs")).toBe("x");
    rmSync(join(root, "sub"), { recursive: true });
    expect(checkOut(root, file).kind).toBe("done");
    expect(checkOut(root, withSub).kind).toBe("done");
    expect(statSync(join(root, "sub")).isDirectory()).toBe(true);
    expect(checkOut(root, file).kind).toBe("done");
    expectCheckedOut(root, file);
  });

  test("writes links as files where the file system has none", () => {
    const { root, one, two } = pair({ a: "->x" }, { a: "->y", b: "->z" });
    git(root, "config", "core.symlinks", "false");
    rmSync(join(root, "a"));
    git(root, "checkout", "-q", "--", "a");
    const settings = { symlinks: false };
    expect(checkOut(root, two, { settings }).kind).toBe("done");
    expect([read(root, "a"), read(root, "b")]).toEqual(["y", "z"]);
    expectCheckedOut(root, two);
    expect(checkOut(root, one, { settings }).kind).toBe("done");
    expectCheckedOut(root, one);
  });

  test("keeps a file absent that the user marked skip-worktree", () => {
    const { root, two } = pair({ a: "1", b: "1" }, { a: "2", b: "2" });
    git(root, "update-index", "--skip-worktree", "b");
    rmSync(join(root, "b"));
    expect(checkOut(root, two).kind).toBe("done");
    expect(existsSync(join(root, "b"))).toBe(false);
    expect(git(root, "status", "--porcelain")).toBe("");
    expect(git(root, "ls-files", "-v", "b")).toBe("S b");
  });

  test("reports progress, and stops at once when asked to", () => {
    const { root, one, two } = pair({}, { a: "1", b: "2" });
    const controller = new AbortController();
    const seen: string[] = [];
    const onProgress = (step: string, done: number, total: number | undefined): void => {
      seen.push(`${step} ${done}/${total}`);
      controller.abort();
    };
    expect(thrown(() => checkOut(root, two, { signal: controller.signal, onProgress })).code).toBe(
      "INTERRUPTED",
    );
    expect(seen).toEqual(["checkout 1/2"]);
    expect(git(root, "rev-parse", "HEAD")).toBe(one);
    expect(existsSync(join(root, ".git/index.lock"))).toBe(false);
    expect(checkOut(root, two).kind).toBe("done");
    expectCheckedOut(root, two);
  });

  test("does not start on a branch that has moved or that is not checked out", () => {
    const { root, one, two } = pair({ a: "1" }, { a: "2" });
    const stale = { branch: "refs/heads/main", commit: two };
    expect(thrown(() => checkOut(root, two, { head: stale })).code).toBe("REF_CHANGED");
    const other = { branch: "refs/heads/other", commit: one };
    expect(thrown(() => checkOut(root, two, { head: other })).code).toBe("REF_CHANGED");
    write(root, ".git/index.lock", "");
    expect(thrown(() => checkOut(root, two)).code).toBe("INDEX_LOCKED");
    expect(read(root, "a")).toBe("1");
  });
});

describe("a checkout never overwrites", () => {
  test.each([
    ["an edit", (root: string) => write(root, "a", "mine"), "a: changed meanwhile"],
    ["an edit of the same size and time", sameSizeEdit, "a: changed meanwhile"],
    ["a deletion", (root: string) => rmSync(join(root, "a")), "a: deleted meanwhile"],
    [
      "an exec bit that was taken away",
      (root: string) => chmodSync(join(root, "run"), 0o644),
      "run: changed meanwhile",
    ],
    [
      "a file that became a link",
      (root: string) => {
        rmSync(join(root, "a"));
        symlinkSync("b", join(root, "a"));
      },
      "a: changed meanwhile",
    ],
    [
      "a file that became a folder",
      (root: string) => {
        rmSync(join(root, "a"));
        mkdirSync(join(root, "a"));
        write(root, "a/mine", "x");
      },
      "a: a folder is in the way",
    ],
    [
      "a link that points elsewhere now",
      (root: string) => {
        rmSync(join(root, "l"));
        symlinkSync("mine", join(root, "l"));
      },
      "l: changed meanwhile",
    ],
    ["a new file", (root: string) => write(root, "new", "mine"), "new: an untracked file is in the way"],
    [
      "an ignored file",
      (root: string) => {
        write(root, ".git/info/exclude", "new\n");
        write(root, "new", "mine");
      },
      "new: an untracked file is in the way",
    ],
    [
      "an edit of a file that goes away",
      (root: string) => write(root, "gone", "mine"),
      "gone: changed meanwhile",
    ],
    [
      "a staged edit",
      (root: string) => {
        write(root, "a", "mine");
        git(root, "add", "a");
      },
      "a: staged changes that are not committed",
    ],
    [
      "a staged removal",
      (root: string) => git(root, "rm", "-q", "--cached", "a"),
      "a: staged changes that are not committed",
    ],
    [
      "a file where a folder must be",
      (root: string) => write(root, "dir", "mine"),
      "dir/x: a file or link stands where its folder must be",
    ],
    [
      "what a link leads to where a folder must be",
      (root: string) => symlinkSync(temporaryDirectory(), join(root, "dir")),
      "dir/x: a file or link stands where its folder must be",
    ],
    [
      "another repository",
      (root: string) => {
        mkdirSync(join(root, "dir"));
        git(join(root, "dir"), "init", "-q");
      },
      "dir/x: another repository is in the way",
    ],
    ["a FIFO", (root: string) => Bun.spawnSync(["mkfifo", join(root, "new")]), "new: a fifo is in the way"],
    [
      "an untracked file in a folder that becomes a file",
      (root: string) => write(root, "swap/mine", "x"),
      "swap: a folder is in the way",
    ],
  ])("%s; then nothing else is written either", (_what, act: (root: string) => unknown, expected) => {
    const { root, one, two } = pair(
      { a: "1", "run*": "1", l: "->a", gone: "1", other: "1", "swap/x": "1" },
      { a: "2", "run*": "2", l: "->b", other: "2", new: "2", "dir/x": "2", swap: "2" },
    );
    git(root, "status");
    act(root);
    const before = snapshot(root);
    expect(blockedPaths(checkOut(root, two))).toContain(expected);
    expect(snapshot(root)).toEqual(before);
    expect(git(root, "rev-parse", "HEAD")).toBe(one);
    expect(existsSync(join(root, ".git/lull/checkout.json"))).toBe(false);
    expect(existsSync(join(root, ".git/index.lock"))).toBe(false);
  });

  test("but takes what is there already, tracked or not, for done", () => {
    const { root, two } = pair({ a: "1", b: "1", gone: "1" }, { a: "2", b: "1", new: "2", "x*": "3" });
    write(root, "a", "2");
    write(root, "new", "2");
    write(root, "x", "3");
    rmSync(join(root, "gone"));
    expect(checkOut(root, two)).toEqual({ kind: "done", written: 1, removed: 0 });
    expectCheckedOut(root, two);
  });

  test("and leaves edits alone on paths that do not change", () => {
    const { root, two } = pair({ a: "1", b: "1", c: "1" }, { a: "2", b: "1", c: "1" });
    write(root, "b", "mine");
    rmSync(join(root, "c"));
    write(root, "untracked", "mine");
    expect(checkOut(root, two).kind).toBe("done");
    expect(gitRaw(root, ["status", "--porcelain"]).toString()).toBe(" M b\n D c\n?? untracked\n");
  });

  test("and keeps folders that hold something of the user", () => {
    const { root, two } = pair({ "d/a": "1", "e/f/a": "1" }, {});
    write(root, "d/mine", "x");
    expect(checkOut(root, two)).toEqual({ kind: "done", written: 0, removed: 2 });
    expect(readdirSync(join(root, "d"))).toEqual(["mine"]);
    expect(existsSync(join(root, "e"))).toBe(false);
    expect(existsSync(root)).toBe(true);
  });

  test("not even when the user acts between the two looks", () => {
    const edits: readonly (readonly [string, (root: string) => void, string])[] = [
      ["a", (root) => write(root, "a", "mine"), "changed meanwhile"],
      ["a", (root) => rmSync(join(root, "a")), "deleted meanwhile"],
      ["new", (root) => write(root, "new", "mine"), "an untracked file is in the way"],
      ["gone", (root) => write(root, "gone", "mine"), "changed meanwhile"],
      [
        "dir/x",
        (root) => {
          rmSync(join(root, "dir"), { recursive: true });
          symlinkSync(temporaryDirectory(), join(root, "dir"));
        },
        "a file or link stands where its folder must be",
      ],
      ["run", (root) => chmodSync(join(root, "run"), 0o644), "changed meanwhile"],
      [
        "swap",
        (root) => {
          mkdirSync(join(root, "swap"));
          write(root, "swap/mine", "x");
        },
        "a folder is in the way",
      ],
    ];
    for (const [path, act, reason] of edits) {
      const { root, one, two } = pair(
        { a: "1", "run*": "1", gone: "1", "swap/x": "1" },
        { a: "2", "run*": "2", new: "2", "dir/x": "2", swap: "2" },
      );
      let afterEdit: string[] = [];
      const result = checkOut(root, two, {
        trace: (step, at) => {
          if (step !== "recheck" || at !== path) return;
          act(root);
          afterEdit = snapshot(root);
        },
      });
      expect(blockedPaths(result)).toEqual([`${path}: ${reason}`]);
      expect(snapshot(root)).toEqual(afterEdit);
      expect(git(root, "rev-parse", "HEAD")).toBe(one);
      expect(existsSync(join(root, ".git/lull/checkout.json"))).toBe(true);
    }
  });
});

describe("a checkout that the system refuses", () => {
  const failWith = (code: string) => (step: string) => {
    if (step === "place" || step === "remove") throw Object.assign(new Error(code), { code });
  };

  test.each([
    ["EACCES", "it is not writable"],
    ["ENOTEMPTY", "changed meanwhile"],
    ["ENAMETOOLONG", "this file system can not hold its name"],
  ])("a single path (%s) is blocked there", (code, reason) => {
    const { root, one, two } = pair({ a: "1" }, { a: "2" });
    expect(blockedPaths(checkOut(root, two, { trace: failWith(code) }))).toEqual([`a: ${reason}`]);
    expect(git(root, "rev-parse", "HEAD")).toBe(one);
    expect(checkOut(root, two).kind).toBe("done");
    expectCheckedOut(root, two);
  });

  test.each(["ENOSPC", "EIO", "EROFS"])("altogether (%s) ends with that error and goes on later", (code) => {
    const { root, two } = pair({ a: "1", b: "1" }, { a: "2" });
    expect(thrown(() => checkOut(root, two, { trace: failWith(code) })).code).toBe(code);
    expect(read(root, "a")).toBe("1");
    expect(checkOut(root, two).kind).toBe("done");
    expectCheckedOut(root, two);
  });

  test.skipIf(cannotRun(process.getuid?.() !== 0, "only root can act as another user"))(
    "for want of rights is blocked before anything is written",
    () => {
      const { root, two } = pair({ a: "1", "d/x": "1" }, { a: "2", "d/x": "2", "d/new/y": "2" });
      chmodSync(root, 0o755);
      chownTree(root, 4242);
      chmodSync(join(root, "d"), 0o555);
      const script = `
      process.setgid(4242); process.setuid(4242);
      const { checkOut } = await import(${JSON.stringify(join(import.meta.dir, "fixture.ts"))});
      console.log(JSON.stringify(checkOut(${JSON.stringify(root)}, ${JSON.stringify(two)}).paths));`;
      const result = Bun.spawnSync([process.execPath, "-e", script]);
      chownTree(root, 0);
      expect(JSON.parse(result.stdout.toString() || "[]")).toEqual([
        { path: "d/new/y", reason: "its folder is not writable" },
        { path: "d/x", reason: "its folder is not writable" },
      ]);
      expect(read(root, "a")).toBe("1");
    },
  );
});

describe("a malicious tree", () => {
  const NAMES = [
    ".git",
    ".GIT",
    ".Git",
    ".git ",
    ".git.",
    ".git. .",
    "git~1",
    "GIT~1",
    ".git::$INDEX_ALLOCATION",
    ".g\xe2\x80\x8cit",
    "\xef\xbb\xbf.git",
    "..",
    ".",
    "a\\.git",
    "a\\..\\.git\\config",
  ];

  test.each(NAMES.flatMap((name) => ["blob", "exec", "link", "tree"].map((kind) => [name, kind] as const)))(
    "with %j as %s is refused with nothing written",
    (name, kind) => {
      const root = newRepository();
      const outside = join(root, "..");
      const one = commitFiles(root, { a: "1" });
      startAt(root, one);
      const blob = gitRaw(root, ["hash-object", "-w", "--stdin"], { input: "evil" }).toString().trim();
      const subtree = writeTree(root, [["100644", "config", blob]]);
      const entry = {
        blob: ["100644", name, blob],
        exec: ["100755", name, blob],
        link: ["120000", name, blob],
        tree: ["40000", name, subtree],
      }[kind];
      const two = commitTree(
        root,
        writeTree(root, [["100644", "A", blob], entry as [string, string, string]]),
        one,
      );
      const before = [...snapshot(root), ...readdirSync(outside)];
      expect(thrown(() => checkOut(root, two)).code).toBe("TREE_NAME_FORBIDDEN");
      expect([...snapshot(root), ...readdirSync(outside)]).toEqual(before);
    },
  );

  test("that holds a link and a folder of one name is refused", () => {
    const root = newRepository();
    const one = commitFiles(root, { a: "1" });
    startAt(root, one);
    const target = gitRaw(root, ["hash-object", "-w", "--stdin"], { input: temporaryDirectory() })
      .toString()
      .trim();
    const inner = writeTree(root, [["100644", "evil", target]]);
    const two = commitTree(
      root,
      writeTree(root, [
        ["120000", "s", target],
        ["40000", "s", inner],
      ]),
      one,
    );
    const error = thrown(() => checkOut(root, two));
    expect(error.code).toBe("TREE_NAME_FORBIDDEN");
    expect(error.message).toContain("the name is there twice");
  });

  test("that writes below a link it brings itself is refused or lands inside", () => {
    const victim = temporaryDirectory();
    const { root, one, two } = pair({ s: `->${victim}` }, { "s/evil": "1" });
    expect(checkOut(root, two).kind).toBe("done");
    expect(readdirSync(victim)).toEqual([]);
    expect(lstatSync(join(root, "s")).isDirectory()).toBe(true);
    expect(checkOut(root, one).kind).toBe("done");
    expect(readlinkSync(join(root, "s"))).toBe(victim);
    expectCheckedOut(root, one);
  });
});

/** Writes a tree object as raw bytes: system git refuses these names. */
function writeTree(root: string, entries: readonly (readonly [string, string, string])[]): string {
  const bytes = Buffer.concat(
    entries.map(([mode, name, oid]) =>
      Buffer.concat([Buffer.from(`${mode} ${name}\0`, "latin1"), Buffer.from(oid, "hex")]),
    ),
  );
  return gitRaw(root, ["hash-object", "-w", "--stdin", "-t", "tree", "--literally"], { input: bytes })
    .toString()
    .trim();
}

/** Every path outside `.git` with kind, mode and content. */
function snapshot(root: string): string[] {
  const found = Bun.spawnSync(
    [
      "sh",
      "-c",
      "find . -path ./.git -prune -o -printf '%y %m %P -> %l\\n' | sort; find . -path ./.git -prune -o -type f -print0 | sort -z | xargs -0r cat",
    ],
    { cwd: root },
  );
  return found.stdout.toString("latin1").split("\n");
}

function sameSizeEdit(root: string): void {
  const path = join(root, "a");
  const { atime, mtime } = statSync(path);
  writeFileSync(path, "9");
  utimesSync(path, atime, mtime);
}

function chownTree(root: string, user: number): void {
  Bun.spawnSync(["chown", "-R", `${user}:${user}`, root]);
  // The folders above are private to whoever runs the tests.
  for (let folder = dirname(root); folder !== "/" && folder !== "/tmp"; folder = dirname(folder))
    chmodSync(folder, 0o755);
}
