import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { LullError } from "../../../src/base/errors.ts";
import { MODE } from "../../../src/git/model.ts";
import { parseCachedTrees, renderCachedTrees } from "../../../src/git/worktree/cached-trees.ts";
import { ownCopy } from "../../../src/git/worktree/index-entries.ts";
import { lockIndex, readIndex } from "../../../src/git/worktree/index-file.ts";
import { checkSum, parseIndex as parseBytes } from "../../../src/git/worktree/index-parse.ts";
import { serializeIndex } from "../../../src/git/worktree/index-serialize.ts";
import { seededRandom } from "../../helpers/random.ts";
import { git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";
import type { IndexTable } from "../../../src/git/worktree/index-table.ts";

const BLOB = "257cc5642cb1a054f08cc83f2d943e56fd3ebe99";
const OTHER = "5716ca5987cbf97d6bb54920bea6adde242d87e6";

/** Names that break whoever decodes them, or reads them line by line. */
const NAMES = [
  "a b",
  'q"uote',
  "new\nline",
  "tab\t",
  "back\\slash",
  "\xff\xfe",
  "\xc3\xa9",
  "-x",
  "n".repeat(255),
];

function repository(files: readonly string[] = ["a/b/c", "a/d", "e"]): string {
  const root = temporaryDirectory();
  git(root, "init", "-q");
  for (const file of files) write(root, file, "foo\n");
  git(root, "add", "-A");
  return root;
}

function write(root: string, path: string, text: string): void {
  const parts = path.split("/");
  for (let depth = 1; depth < parts.length; depth++) {
    const folder = Buffer.from(`${root}/${parts.slice(0, depth).join("/")}`, "latin1");
    if (!existsSync(folder)) mkdirSync(folder);
  }
  writeFileSync(Buffer.from(`${root}/${path}`, "latin1"), text);
}

function parseIndex(bytes: Buffer, file: string): IndexTable {
  checkSum([bytes.subarray(0, -20)], bytes.subarray(-20), file);
  return parseBytes(ownCopy(bytes), file);
}

/** `mode oid stage TAB path` for each entry, as git lists it. */
function listing(root: string): string[] {
  return gitRaw(root, ["ls-files", "-s", "-z"]).toString("latin1").split("\0").slice(0, -1);
}

function entriesOf(index: IndexTable): string[] {
  return Array.from({ length: index.count }, (_, position) => {
    const { mode, oid } = index.versionAt(position);
    return `${mode.toString(8)} ${oid} 0\t${index.pathAt(position)}`;
  });
}

function gitDirectory(root: string): string {
  return join(root, ".git");
}

/** Recomputes the checksum after a change of the bytes. */
function signed(bytes: Buffer): Buffer {
  const body = bytes.subarray(0, -20);
  return Buffer.concat([body, new Bun.CryptoHasher("sha1").update(body).digest()]);
}

describe("reading", () => {
  test.each([2, 3, 4])("an index of version %d gives what git lists", (version) => {
    const root = repository([...NAMES, ...NAMES.map((name) => `d/${name}/x`)]);
    git(root, "update-index", `--index-version=${version}`);
    if (version === 3) git(root, "update-index", "--skip-worktree", "a b");
    const index = readIndex(gitDirectory(root));
    expect(readFileSync(join(root, ".git/index")).readUInt32BE(4)).toBe(version);
    expect(entriesOf(index)).toEqual(listing(root));
    expect(index.hasConflicts).toBe(false);
  });

  test("stat data are those that git shows", () => {
    const root = repository(["e"]);
    const stat = readIndex(gitDirectory(root)).statAt(0);
    const shown = git(root, "ls-files", "-s", "--debug");
    expect(shown).toContain(`ctime: ${stat.ctimeSeconds}:${stat.ctimeNanoseconds}`);
    expect(shown).toContain(`mtime: ${stat.mtimeSeconds}:${stat.mtimeNanoseconds}`);
    expect(shown).toContain(`dev: ${stat.device}\tino: ${stat.inode}`);
    expect(shown).toContain(`uid: ${stat.uid}\tgid: ${stat.gid}`);
    expect(shown).toContain(`size: ${stat.size}`);
  });

  test("a missing file is an empty index", () => {
    const index = readIndex(temporaryDirectory());
    expect([index.count, index.find("a"), index.hasDirectory("")]).toEqual([0, -1, false]);
    expect(() => index.pathAt(0)).toThrow(RangeError);
  });

  test("gives back what is known already as long as the file is the same", () => {
    const root = repository(["a", "b"]);
    const known = readIndex(gitDirectory(root));
    expect(readIndex(gitDirectory(root), { known })).toBe(known);
    write(root, "a", "bar\n");
    git(root, "add", "a");
    const next = readIndex(gitDirectory(root), { known });
    expect(entriesOf(next)).toEqual(listing(root));
    next.update(new Map([["a", undefined]]));
    expect(entriesOf(readIndex(gitDirectory(root), { known: next }))).toEqual(listing(root));
  });

  test("reads anew a file that was replaced by one of the same size and times, and one without a checksum", () => {
    const root = repository(["a"]);
    const file = join(root, ".git/index");
    const known = readIndex(gitDirectory(root));
    const bytes = readFileSync(file);
    bytes.write(OTHER, 12 + 40, "hex");
    writeFileSync(file, signed(bytes));
    const { stat } = readIndex(gitDirectory(root)).source ?? {};
    if (known.source === undefined || stat === undefined)
      throw new Error("a table from a file knows its file");
    known.source = { ...known.source, stat };
    expect(readIndex(gitDirectory(root), { known }).oidAt(0)).toBe(OTHER);
    writeFileSync(file, Buffer.concat([bytes.subarray(0, -20), Buffer.alloc(20)]));
    const unsigned = readIndex(gitDirectory(root));
    expect(readIndex(gitDirectory(root), { known: unsigned })).not.toBe(unsigned);
  });

  test("finds paths and folders", () => {
    const index = readIndex(gitDirectory(repository(["a-b", "a/b", "a0", "z/y/x"])));
    expect(index.find("a/b")).toBe(1);
    expect(index.find("a")).toBe(-1);
    expect(["", "a", "z", "z/y", "z/y/x", "a0", "b"].map((path) => index.hasDirectory(path))).toEqual([
      true,
      true,
      true,
      true,
      false,
      false,
      false,
    ]);
    expect(index.rangeOf("a")).toEqual([1, 2]);
  });

  test("flags of the user are seen", () => {
    const root = repository(["a", "b", "c"]);
    git(root, "update-index", "--assume-unchanged", "a");
    git(root, "update-index", "--skip-worktree", "b");
    write(root, "d", "new\n");
    git(root, "add", "-N", "d");
    const index = readIndex(gitDirectory(root));
    const flags = (at: number): boolean[] => [
      index.isAssumeValid(at),
      index.isSkipWorktree(at),
      index.isIntentToAdd(at),
    ];
    expect([0, 1, 2, 3].map(flags)).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, false],
      [false, false, true],
    ]);
  });

  test("conflict stages are told, and such an index is never written", () => {
    const root = repository(["a"]);
    git(root, "commit", "-qm", "1");
    git(root, "checkout", "-qb", "other");
    write(root, "a", "theirs\n");
    git(root, "commit", "-qam", "2");
    git(root, "checkout", "-q", "main");
    write(root, "a", "ours\n");
    git(root, "commit", "-qam", "3");
    expect(() => git(root, "merge", "other")).toThrow();
    const lock = lockIndex(gitDirectory(root));
    expect(lock.index.hasConflicts).toBe(true);
    expect(lock.index.count).toBe(0);
    const before = readFileSync(join(root, ".git/index"));
    expect(thrown(() => lock.write(lock.index))).toMatchObject({ kind: "unsafe", code: "INDEX_CONFLICTS" });
    lock.release();
    expect(readFileSync(join(root, ".git/index"))).toEqual(before);
  });

  test("a checksum of zeros (index.skipHash) is accepted", () => {
    const bytes = readFileSync(join(repository(), ".git/index"));
    bytes.fill(0, bytes.length - 20);
    expect(parseIndex(bytes, "x").count).toBe(3);
  });

  test("a split index, a sparse index and unknown required extensions are refused", () => {
    const split = repository();
    git(split, "update-index", "--split-index");
    const sparse = repository(["a/b/c", "d/e/f", "g"]);
    git(sparse, "commit", "-qm", "1");
    git(sparse, "sparse-checkout", "init", "--cone", "--sparse-index");
    for (const [root, feature] of [
      [split, "split index"],
      [sparse, "sparse index"],
    ] as const) {
      const error = thrown(() => readIndex(gitDirectory(root)));
      expect(error).toMatchObject({ kind: "unsafe", code: "UNSUPPORTED_REPOSITORY", data: { feature } });
      expect(error.hint).toContain("git ");
    }
    const bytes = readFileSync(join(repository(), ".git/index"));
    const extension = (name: string): Buffer =>
      signed(Buffer.concat([bytes.subarray(0, -20), Buffer.from(`${name}\0\0\0\x01x`), Buffer.alloc(20)]));
    expect(thrown(() => parseIndex(extension("abcd"), "x")).code).toBe("UNSUPPORTED_REPOSITORY");
    expect(thrown(() => parseIndex(extension("sdir"), "x")).data["feature"]).toBe("sparse index");
    expect(parseIndex(extension("ABCD"), "x").count).toBe(3);
    const future = Buffer.from(bytes);
    future.writeUInt32BE(5, 4);
    expect(thrown(() => parseIndex(signed(future), "x")).code).toBe("UNSUPPORTED_REPOSITORY");
  });

  test("every cut and every flipped bit is told as damage, with a way out", () => {
    const root = repository();
    git(root, "update-index", "--index-version=4");
    for (const bytes of [
      readFileSync(join(repository(), ".git/index")),
      readFileSync(join(root, ".git/index")),
    ]) {
      for (let length = 0; length < bytes.length; length++) {
        expect(thrown(() => parseIndex(bytes.subarray(0, length), "x")).code).toBe("INDEX_CORRUPT");
        const flipped = Buffer.from(bytes);
        flipped.writeUInt8(flipped.readUInt8(length) ^ 0x10, length);
        expect(["INDEX_CORRUPT", "UNSUPPORTED_REPOSITORY"]).toContain(
          thrown(() => parseIndex(flipped, "x")).code,
        );
      }
    }
    writeFileSync(join(root, ".git/index"), "DIRC");
    const error = thrown(() => readIndex(gitDirectory(root)));
    expect(error).toMatchObject({ kind: "failed", code: "INDEX_CORRUPT" });
    expect(error.hint).toContain("git reset");
  });

  test("a wrong checksum stops whoever takes the lock, though a look at the index may leave it aside", () => {
    const root = repository();
    const file = join(root, ".git/index");
    const bytes = readFileSync(file);
    bytes.write(OTHER, 12 + 40, "hex");
    writeFileSync(file, bytes);
    expect(thrown(() => readIndex(gitDirectory(root))).code).toBe("INDEX_CORRUPT");
    const looked = readIndex(gitDirectory(root), { isUnverified: true });
    expect(looked.oidAt(0)).toBe(OTHER);
    expect(readIndex(gitDirectory(root), { known: looked, isUnverified: true })).toBe(looked);
    expect(thrown(() => readIndex(gitDirectory(root), { known: looked })).code).toBe("INDEX_CORRUPT");
    expect(thrown(() => lockIndex(gitDirectory(root), { known: looked })).code).toBe("INDEX_CORRUPT");
    expect(existsSync(`${file}.lock`)).toBe(false);
    expect(readFileSync(file).equals(bytes)).toBe(true);
  });

  test("bytes behind the end of a path mean nothing", () => {
    const bytes = readFileSync(join(repository(["a", "a.b", "ab"]), ".git/index"));
    // "a" begins at 12 + 62, and the entry ends at 12 + 64; "a.b" ends four bytes before its entry.
    const second = 12 + 64 + 8;
    bytes.fill(0xff, second + 62 + 4, second + 72);
    const index = parseIndex(signed(bytes), "x");
    expect(entriesOf(index).map((entry) => entry.split("\t")[1])).toEqual(["a", "a.b", "ab"]);
  });

  test("positions are found from anywhere", () => {
    const random = seededRandom(7);
    const paths = new Set(Array.from({ length: 300 }, () => `p${random.below(40)}/${random.below(1000)}`));
    const index = readIndex(gitDirectory(repository([...paths])));
    const sorted = [...paths].sort();
    for (let round = 0; round < 2000; round++) {
      const path = `p${random.below(42)}/${random.below(1000)}`;
      const from = random.below(sorted.length + 1);
      const expected = sorted.findIndex((known, at) => at >= from && known >= path);
      for (const found of [index.entries.lowerBound(path, from), index.entries.lowerBoundNear(path, from)])
        expect(found).toBe(expected < 0 ? sorted.length : expected);
      expect(index.find(path)).toBe(sorted.indexOf(path));
      expect(index.hasDirectory(`p${round % 42}`)).toBe(
        sorted.some((known) => known.startsWith(`p${round % 42}/`)),
      );
    }
  });

  test("damage behind a right checksum is told as damage, or read without harm", () => {
    const bytes = readFileSync(join(repository(), ".git/index"));
    const codes = new Set<string>();
    for (let at = 4; at < bytes.length - 20; at++) {
      for (const value of [0x00, 0xff, 0x40]) {
        const changed = Buffer.from(bytes);
        changed.writeUInt8(value, at);
        try {
          parseIndex(signed(changed), "x");
        } catch (error) {
          if (!(error instanceof LullError)) throw error;
          codes.add(error.code);
        }
      }
    }
    expect([...codes].sort()).toEqual(["INDEX_CORRUPT", "UNSUPPORTED_REPOSITORY"]);
  });

  test("a folder or a FIFO in the index's place is told and does not hang", () => {
    const root = temporaryDirectory();
    mkdirSync(join(root, "index"));
    expect(thrown(() => readIndex(root)).code).toBe("INDEX_CORRUPT");
    rmSync(join(root, "index"), { recursive: true });
    Bun.spawnSync(["mkfifo", join(root, "index")]);
    expect(thrown(() => readIndex(root)).code).toBe("INDEX_CORRUPT");
    expect(thrown(() => readIndex(join(root, "index"))).code).toBe("ENOTDIR");
  });
});

describe("writing", () => {
  test("git reads back what was written, byte for byte the same as its own file", () => {
    const root = repository(["a/b/c", "a/d", "e", ...NAMES]);
    git(root, "write-tree");
    const before = readFileSync(join(root, ".git/index"));
    const index = readIndex(gitDirectory(root));
    expect(Buffer.concat(serializeIndex(index)).equals(before)).toBe(true);
  });

  test("version 3 is written only for extended flags, version 4 becomes 2", () => {
    const root = repository(["a", "b"]);
    git(root, "update-index", "--index-version=4");
    git(root, "update-index", "--assume-unchanged", "a");
    let lock = lockIndex(gitDirectory(root));
    lock.write(lock.index);
    expect(readFileSync(join(root, ".git/index")).readUInt32BE(4)).toBe(2);
    expect(git(root, "ls-files", "-v")).toBe("h a\nH b");
    git(root, "update-index", "--skip-worktree", "b");
    lock = lockIndex(gitDirectory(root));
    lock.write(lock.index);
    expect(readFileSync(join(root, ".git/index")).readUInt32BE(4)).toBe(3);
    expect(git(root, "ls-files", "-v")).toBe("h a\nS b");
  });

  test("updates add, replace and remove in one go, and keep the user's flags", () => {
    const root = repository(["a", "b/x", "c", "d"]);
    gitRaw(root, ["hash-object", "-w", "--stdin"], { input: "bar\n" });
    git(root, "update-index", "--skip-worktree", "c");
    using lock = lockIndex(gitDirectory(root));
    const { index } = lock;
    index.update(
      new Map([
        ["c", { mode: MODE.executable, oid: OTHER, stat: undefined }],
        ["0", { mode: MODE.symlink, oid: BLOB, stat: undefined }],
        ["z/\xff", { mode: MODE.file, oid: OTHER, stat: undefined }],
        ["b/x", undefined],
        ["not there", undefined],
      ]),
    );
    index.update(new Map());
    lock.write(index);
    expect(entriesOf(readIndex(gitDirectory(root)))).toEqual(listing(root));
    expect(listing(root)).toEqual([
      `120000 ${BLOB} 0\t0`,
      `100644 ${BLOB} 0\ta`,
      `100755 ${OTHER} 0\tc`,
      `100644 ${BLOB} 0\td`,
      `100644 ${OTHER} 0\tz/\xff`,
    ]);
    expect(git(root, "ls-files", "-v", "c")).toBe("S c");
  });

  test("what was written is known without reading it again, and is what reading it gives", () => {
    const root = repository(["a/b", "a/c", "d", "e/f/g", "h"]);
    git(root, "write-tree");
    gitRaw(root, ["hash-object", "-w", "--stdin"], { input: "bar\n" });
    const stat = readIndex(gitDirectory(root)).statAt(0);
    const other = { mode: MODE.executable, oid: OTHER, stat };
    const young = { ...other, stat: { ...stat, mtimeSeconds: stat.mtimeSeconds + 1000 } };
    for (const changes of [
      new Map([["a/c", other]]),
      new Map([["a/c", { ...other, stat: undefined }]]),
      new Map([
        ["new", other],
        ["d", undefined],
      ]),
      // Younger than the file: nobody but this process knows that it was looked at.
      new Map([["h", young]]),
    ]) {
      const lock = lockIndex(gitDirectory(root));
      const { revision } = lock.index;
      lock.index.update(changes);
      lock.write(lock.index);
      const known = lock.index;
      expect(known.revision).toBeGreaterThan(revision);
      expect(readIndex(gitDirectory(root), { known })).toBe(known);
      const read = readIndex(gitDirectory(root));
      expect(known.timestamp).toEqual(read.timestamp);
      expect(known.cachedTrees).toEqual(read.cachedTrees);
      expect(entriesOf(known)).toEqual(entriesOf(read));
      for (let position = 0; position < known.count; position++)
        expect(known.statAt(position)).toEqual(read.statAt(position));
    }
    const lock = lockIndex(gitDirectory(root));
    lock.write(lock.index);
    git(root, "update-index", "--assume-unchanged", "h");
    const next = readIndex(gitDirectory(root), { known: lock.index });
    expect(next).not.toBe(lock.index);
    expect(next.isAssumeValid(next.find("h"))).toBe(true);
  });

  test("a path that would be file and folder at once is refused and changes nothing", () => {
    const index = readIndex(gitDirectory(repository(["a/b", "c"])));
    const entry = { mode: MODE.file, oid: BLOB, stat: undefined };
    for (const path of ["a", "c/d", "c/d/e"]) {
      expect(thrown(() => index.update(new Map([[path, entry]]))).code).toBe("INDEX_PATH_CLASH");
    }
    expect(index.count).toBe(2);
    index.update(
      new Map([
        ["a/b", undefined],
        ["a", entry],
      ]),
    );
    expect(index.find("a")).toBe(0);
  });

  test("a path that would be both is refused in an empty index too", () => {
    const index = readIndex(gitDirectory(repository([])));
    const entry = { mode: MODE.file, oid: BLOB, stat: undefined };
    for (const paths of [
      ["a", "a/b"],
      ["a/b/c", "a-", "a/b"],
      ["x/y", "x/y/z/t", "x0"],
    ]) {
      const changes = new Map(paths.map((path) => [path, entry]));
      expect(thrown(() => index.update(changes)).code).toBe("INDEX_PATH_CLASH");
      expect(index.count).toBe(0);
    }
    index.update(new Map(["a/b", "a-", "a0", "b"].map((path) => [path, entry])));
    expect(index.count).toBe(4);
  });

  test("cached trees live until something below them changes", () => {
    const root = repository(["a/b/c", "a/d", "e/f", "g"]);
    const tree = git(root, "write-tree");
    const index = readIndex(gitDirectory(root));
    expect(index.cachedTree("")).toBe(tree);
    expect(index.cachedTree("a/b")).toBe(git(root, "rev-parse", `${tree}:a/b`));
    const stat = index.statAt(0);
    index.update(new Map([["a/b/c", { ...index.versionAt(0), stat }]]));
    expect(index.cachedTree("")).toBe(tree);
    index.update(new Map([["a/d", { mode: MODE.file, oid: OTHER, stat }]]));
    expect(["", "a"].map((path) => index.cachedTree(path))).toEqual([undefined, undefined]);
    expect(index.cachedTree("a/b")).toBeDefined();
    expect(index.cachedTree("e")).toBeDefined();
    const again = parseIndex(Buffer.concat(serializeIndex(index)), "x");
    expect(again.cachedTree("e")).toBe(index.cachedTree("e"));
    expect(again.cachedTree("a")).toBeUndefined();
    index.rememberTree("a", { oid: tree, entries: 7 });
    expect(index.cachedTree("a")).toBeUndefined();
  });

  test("a damaged tree cache is dropped", () => {
    const whole = renderCachedTrees(new Map([["a", { oid: BLOB, entries: 1 }]])) ?? Buffer.alloc(0);
    expect(parseCachedTrees(whole).get("a")).toEqual({ oid: BLOB, entries: 1 });
    for (const bytes of [whole.subarray(0, -1), Buffer.from("\0x y\n"), Buffer.from("abc")]) {
      expect(parseCachedTrees(bytes).size).toBe(0);
    }
    expect(renderCachedTrees(new Map())).toBeUndefined();
  });

  test("racy entries that nobody compared are marked for comparison", () => {
    const root = repository(["a", "b"]);
    utimesSync(join(root, ".git/index"), 1000, 1000);
    const lock = lockIndex(gitDirectory(root));
    lock.index.update(new Map([["b", { ...lock.index.versionAt(1), stat: lock.index.statAt(1) }]]));
    lock.write(lock.index);
    const index = readIndex(gitDirectory(root));
    expect([index.statAt(0).size, index.statAt(1).size]).toEqual([0, 4]);
    // The written file's own time counts from now on, also for the table in memory.
    expect(lock.index.timestamp).toEqual(index.timestamp);
    expect(git(root, "status", "--porcelain")).toBe("A  a\nA  b");
  });
});

describe("locking", () => {
  test("a lock of somebody else is reported with its age and left alone", () => {
    const root = repository();
    writeFileSync(join(root, ".git/index.lock"), "theirs");
    utimesSync(join(root, ".git/index.lock"), 1000, 1000);
    const error = thrown(() => lockIndex(gitDirectory(root)));
    expect(error).toMatchObject({ kind: "locked", code: "INDEX_LOCKED" });
    expect(error.data["ageSeconds"]).toBeGreaterThan(1_000_000);
    expect(readFileSync(join(root, ".git/index.lock"), "utf8")).toBe("theirs");
  });

  test("git can not write while the lock is held, and can after its release", () => {
    const root = repository();
    const lock = lockIndex(gitDirectory(root));
    expect(() => git(root, "add", "-A")).toThrow("index.lock");
    lock.release();
    lock.release();
    git(root, "add", "-A");
    expect(existsSync(join(root, ".git/index.lock"))).toBe(false);
  });

  test("a damaged index gives the lock back", () => {
    const root = repository();
    writeFileSync(join(root, ".git/index"), "x");
    expect(thrown(() => lockIndex(gitDirectory(root))).code).toBe("INDEX_CORRUPT");
    expect(existsSync(join(root, ".git/index.lock"))).toBe(false);
  });

  test("a repository that went away is not made anew", () => {
    const gone = join(temporaryDirectory(), "gone");
    expect(thrown(() => lockIndex(gone))).toMatchObject({ kind: "guard", code: "FOLDER_MISSING" });
    expect(existsSync(gone)).toBe(false);
    expect(statSync(join(gone, "..")).isDirectory()).toBe(true);
  });
});
