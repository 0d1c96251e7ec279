/**
 * Verifying finds damage, and finds none where there is none; system git made the repositories. LULL_VERIFY_FLIPS=500 is
 * the long version, LULL_SEED repeats a run.
 */
import { describe, expect, test } from "bun:test";
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inflateSync } from "node:zlib";

import { lockIndex } from "../../../src/git/worktree/index-file.ts";
import { statPath } from "../../../src/git/worktree/stat.ts";
import { seededRandom } from "../../helpers/random.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { looseHistory } from "../maintenance/repositories.ts";
import {
  codesIn,
  damageIn,
  engine,
  flipBit,
  objectFiles,
  objectPath,
  overwrite,
  signal,
  verify,
} from "./places.ts";

const LONG = Number(process.env["LULL_VERIFY_FLIPS"] ?? "40");

/** Loose and packed objects, tags of tags, several branches, a stash, a remote that is a folder. */
function richRepository(): string {
  const directory = looseHistory({ commits: 12, files: 20 });
  git(directory, "switch", "-q", "-c", "side", "HEAD~4");
  writeFileSync(join(directory, "side.md"), "side\n");
  git(directory, "add", "side.md");
  git(directory, "commit", "-q", "-m", "side");
  git(directory, "switch", "-q", "main");
  git(directory, "merge", "-q", "--no-edit", "side");
  git(directory, "tag", "-a", "v1", "-m", "one", "HEAD~1");
  git(directory, "tag", "-a", "v2", "-m", "a tag of a tag", "v1");
  git(directory, "tag", "of-a-tree", "HEAD^{tree}");
  git(directory, "gc", "-q");
  writeFileSync(join(directory, "new.md"), "later\n");
  git(directory, "add", "new.md");
  git(directory, "commit", "-q", "-m", "later");
  writeFileSync(join(directory, "d1/note-1.md"), "stashed\n");
  git(directory, "stash", "-q");
  writeFileSync(join(directory, "staged.md"), "staged\n");
  git(directory, "add", "staged.md");
  return directory;
}

describe("a sound repository", () => {
  test("packed and loose, with tags, a stash and something staged", async () => {
    const directory = richRepository();
    writeFileSync(join(directory, "new.md"), "being worked on\n");
    const result = await verify(directory);
    expect(result.findings).toEqual([]);
    const all = git(directory, "cat-file", "--batch-all-objects", "--batch-check").split("\n");
    expect(result).toMatchObject({ objects: all.length, branches: 2, tags: 3, localChanges: 1, files: 23 });
  });

  test("a file that was only touched is no change; one with another mode is", async () => {
    const directory = richRepository();
    const later = new Date(Date.now() + 10_000);
    utimesSync(join(directory, "d1/note-1.md"), later, later);
    expect(await verify(directory)).toMatchObject({ findings: [], localChanges: 0 });
    chmodSync(join(directory, "d1/note-1.md"), 0o755);
    expect(await verify(directory)).toMatchObject({ findings: [], localChanges: 1 });
  });

  test("with files among the refs that are none, a lock of a moment, and words of a later git in packed-refs", async () => {
    const directory = richRepository();
    git(directory, "update-ref", "refs/lull/devices/laptop", "HEAD:new.md");
    git(directory, "pack-refs", "--all");
    const packed = join(directory, ".git/packed-refs");
    overwrite(
      packed,
      readFileSync(packed, "latin1").replace(/^(# pack-refs with:.*)$/m, "$1later \n# a remark"),
    );
    writeFileSync(join(directory, ".git/refs/heads/.DS_Store"), "\u0000");
    writeFileSync(join(directory, ".git/refs/heads/main.lock"), "");
    expect((await verify(directory)).findings).toEqual([]);
    const lines = readFileSync(packed, "latin1");
    overwrite(packed, lines.replace(/^[0-9a-f](?=[0-9a-f]{39} refs\/heads\/side$)/m, "#"));
    expect((await damageIn(directory)).map(({ code }) => code)).toContain("PACKED_REFS_BROKEN");
  });

  test("right after `git init`, and on a branch that begins anew", async () => {
    const directory = temporaryDirectory();
    git(directory, "init", "-q");
    expect((await verify(directory)).findings).toEqual([]);
    writeFileSync(join(directory, "a.md"), "a\n");
    git(directory, "add", "a.md");
    git(directory, "commit", "-q", "-m", "a");
    git(directory, "switch", "-q", "--orphan", "apart");
    expect((await verify(directory)).findings).toEqual([]);
  });

  test("that borrows objects, has linked work trees, submodules, intent to add and its own caches", async () => {
    const source = richRepository();
    const directory = join(temporaryDirectory(), "clone");
    git("/", "clone", "-q", "--shared", source, directory);
    git(directory, "worktree", "add", "-q", "-b", "beside", join(temporaryDirectory(), "beside"));
    git(directory, "update-index", "--add", "--cacheinfo", `160000,${"1".repeat(40)},module`);
    git(directory, "commit", "-q", "-m", "a submodule");
    writeFileSync(join(directory, "planned.md"), "");
    git(directory, "add", "--intent-to-add", "planned.md");
    git(directory, "commit-graph", "write", "--reachable");
    git(directory, "repack", "-q", "-d", "--write-midx");
    git(directory, "pack-refs", "--all");
    expect((await verify(directory)).findings).toEqual([]);
    const beside =
      git(directory, "worktree", "list", "--porcelain").match(/^worktree (.*beside)$/m)?.[1] ?? "";
    expect((await verify(beside)).findings).toEqual([]);
  });

  test("with line ends that are converted, rules that came later, links and an unfinished merge", async () => {
    const directory = temporaryDirectory();
    git(directory, "init", "-q");
    writeFileSync(join(directory, "crlf.txt"), "one\r\ntwo\r\n");
    git(directory, "add", ".");
    git(directory, "commit", "-q", "-m", "as it is");
    utimesSync(join(directory, "crlf.txt"), 1e9, 1e9);
    git(directory, "status");
    writeFileSync(join(directory, ".gitattributes"), "*.txt text eol=crlf\n");
    git(directory, "add", ".gitattributes");
    git(directory, "commit", "-q", "-m", "rules");
    git(directory, "switch", "-q", "-c", "other");
    writeFileSync(join(directory, "both.md"), "theirs\n");
    git(directory, "add", ".");
    git(directory, "commit", "-q", "-m", "theirs");
    git(directory, "switch", "-q", "main");
    writeFileSync(join(directory, "both.md"), "ours\n");
    git(directory, "add", ".");
    git(directory, "commit", "-q", "-m", "ours");
    expect(() => git(directory, "merge", "-q", "other")).toThrow();
    expect((await verify(directory)).findings).toMatchObject([
      { code: "INDEX_UNMERGED", gravity: "note", where: "both.md" },
    ]);
  });

  test("while git packs and prunes beside it", async () => {
    const directory = richRepository();
    // Enough for the check to take more than one turn.
    for (let part = 0; part < 8; part++) {
      const bytes = Buffer.alloc(1_500_000);
      for (let at = 0; at < bytes.length; at += 60_000)
        crypto.getRandomValues(bytes.subarray(at, at + 60_000));
      writeFileSync(join(directory, `part-${part}.bin`), bytes);
    }
    git(directory, "add", ".");
    git(directory, "commit", "-q", "-m", "large ones");
    const repository = engine().open(directory);
    let turns = 0;
    const result = await repository.verify({
      signal,
      onProgress: () => {
        if (turns++ === 0) git(directory, "gc", "-q", "--prune=now");
      },
    });
    repository.close();
    expect(turns).toBeGreaterThan(1);
    expect(result.findings).toEqual([]);
    fsck(directory);
  });

  test("that is bare, and one that is shallow", async () => {
    const source = richRepository();
    const bare = join(temporaryDirectory(), "bare.git");
    git("/", "clone", "-q", "--bare", source, bare);
    expect((await engine().verifyBare(bare, { signal })).findings).toEqual([]);
    const shallow = join(temporaryDirectory(), "shallow");
    git("/", "clone", "-q", "--depth", "2", `file://${source}`, shallow);
    expect((await verify(shallow)).findings.map(({ gravity, code }) => [gravity, code])).toEqual([
      ["note", "UNSUPPORTED"],
    ]);
  });
});

function isHarmless(before: Uint8Array<ArrayBuffer>, after: Uint8Array<ArrayBuffer>): boolean {
  const differing = before.findIndex((byte, at) => byte !== after[at]);
  return differing === before.length - 5 && inflateSync(before).equals(inflateSync(after));
}

test("each flipped bit in objects, packs and their indexes is found", async () => {
  const seed = Number(process.env["LULL_SEED"] ?? Date.now() % 1e6);
  const random = seededRandom(seed);
  const directory = richRepository();
  const files = objectFiles(directory);
  for (let round = 0; round < LONG; round++) {
    const path = random.pick(files);
    const before = readFileSync(path);
    const bit = flipBit(path, random);
    const found = await damageIn(directory);
    // Up to seven bits behind the last block of a stream mean nothing: what it says is the same with each of them.
    if (found.length === 0 && !isHarmless(before, readFileSync(path)))
      throw new Error(`seed ${seed}, round ${round}: bit ${bit} of ${path} is not found`);
    overwrite(path, before);
  }
  expect(await damageIn(directory)).toEqual([]);
});

test("each flipped bit in refs, HEAD and the index is found", async () => {
  const seed = Number(process.env["LULL_SEED"] ?? Date.now() % 1e6);
  const random = seededRandom(seed);
  const directory = richRepository();
  const files = ["refs/heads/main", "HEAD", "index", "refs/stash"].map((name) =>
    join(directory, ".git", name),
  );
  for (let round = 0; round < LONG; round++) {
    const path = random.pick(files);
    const before = readFileSync(path);
    const bit = flipBit(path, random);
    const found = await damageIn(directory);
    if (found.length === 0)
      throw new Error(`seed ${seed}, round ${round}: bit ${bit} of ${path} is not found`);
    overwrite(path, before);
  }
});

test("each flipped bit in the names of objects in packed-refs is found", async () => {
  const seed = Number(process.env["LULL_SEED"] ?? Date.now() % 1e6);
  const random = seededRandom(seed);
  const directory = richRepository();
  git(directory, "pack-refs", "--all");
  const path = join(directory, ".git/packed-refs");
  const before = readFileSync(path);
  const starts = [...before.toString("latin1").matchAll(/[0-9a-f]{40}/g)].map(({ index }) => index);
  for (let round = 0; round < LONG / 2; round++) {
    const bytes = Buffer.from(before);
    const at = random.pick(starts) + random.below(40);
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << random.below(8)), at);
    overwrite(path, bytes);
    if ((await damageIn(directory)).length === 0)
      throw new Error(`seed ${seed}, round ${round}: byte ${at} of packed-refs is not found`);
  }
});

test("a tag of which packed-refs says that it stands for something else", async () => {
  const directory = richRepository();
  git(directory, "pack-refs", "--all");
  const path = join(directory, ".git/packed-refs");
  const [first, second] = ["HEAD", "HEAD~1"].map((revision) => git(directory, "rev-parse", revision));
  expect(readFileSync(path, "latin1")).toContain(`^${git(directory, "rev-parse", "v1^{}")}`);
  const other = git(directory, "rev-parse", "v1^{}") === first ? second : first;
  overwrite(path, readFileSync(path, "latin1").replace(/^\^[0-9a-f]{40}$/m, `^${other}`));
  expect(await damageIn(directory)).toMatchObject([{ code: "PACKED_REFS_BROKEN" }]);
});

describe("a missing object", () => {
  const remove = (directory: string, revision: string): string => {
    const oid = git(directory, "rev-parse", revision);
    rmSync(objectPath(directory, oid));
    return oid;
  };

  test("is told by the files and commits that lack it", async () => {
    const directory = looseHistory({ commits: 0, files: 2 });
    for (const [number, name] of ["one", "two", "three"].entries()) {
      mkdirSync(join(directory, "notes"), { recursive: true });
      writeFileSync(join(directory, "notes/a.md"), number === 0 ? "first\n" : "lost\n");
      writeFileSync(join(directory, `${name}.md`), name);
      git(directory, "add", ".");
      git(directory, "commit", "-q", "-m", name);
    }
    writeFileSync(join(directory, "notes/a.md"), "last\n");
    git(directory, "commit", "-q", "-am", "last");
    const oid = remove(directory, "HEAD~1:notes/a.md");
    const [finding, ...others] = await damageIn(directory);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: "OBJECT_MISSING", gravity: "loss", where: `blob ${oid}` });
    const [first, last] = ["HEAD~2", "HEAD~1"].map((revision) =>
      git(directory, "rev-parse", revision).slice(0, 7),
    );
    expect(finding?.meaning).toBe(
      `notes/a.md in 2 commits, from ${first} (2023-11-14) to ${last} (2023-11-14)`,
    );
  });

  test.each([
    ["a commit in the middle", "HEAD~3", /^the history before [0-9a-f]{7} /],
    ["a whole tree", "HEAD~2^{tree}", /^all files in the commit /],
    ["a folder", "HEAD~3:d1", /^d1 in /],
  ])("may be %s", async (_, revision, meaning) => {
    const directory = looseHistory({ commits: 6, files: 14 });
    const oid = remove(directory, revision);
    const found = (await damageIn(directory)).filter(({ code }) => code === "OBJECT_MISSING");
    expect(found.map(({ oids }) => oids)).toEqual([[oid]]);
    expect(found[0]?.meaning).toMatch(meaning);
  });

  test("may be what a branch, the index or only a log names", async () => {
    const directory = looseHistory({ commits: 3, files: 3 });
    writeFileSync(join(directory, "staged.md"), "staged\n");
    git(directory, "add", "staged.md");
    remove(directory, ":staged.md");
    expect(await codesIn(directory)).toEqual(["INDEX_WITHOUT_OBJECT"]);
    git(directory, "rm", "-q", "--cached", "staged.md");
    git(directory, "commit", "-q", "--allow-empty", "-m", "gone again");
    const tip = remove(directory, "HEAD");
    expect(await codesIn(directory)).toContain("REF_WITHOUT_OBJECT");
    expect(tip).not.toBe("");
    git(directory, "update-ref", "refs/heads/main", "HEAD@{1}");
    expect(await damageIn(directory)).toMatchObject(
      ["logs/HEAD", "logs/refs/heads/main"].map((where) => ({ code: "REFLOG_WITHOUT_OBJECT", where })),
    );
  });
});

describe("files that git keeps", () => {
  test("an emptied branch, a broken HEAD and an emptied log", async () => {
    const directory = looseHistory({ commits: 2, files: 3 });
    const branch = join(directory, ".git/refs/heads/main");
    const before = readFileSync(branch);
    overwrite(branch, "");
    expect(await damageIn(directory)).toMatchObject([
      { code: "REF_BROKEN", gravity: "loss", where: "refs/heads/main" },
    ]);
    overwrite(branch, before);
    overwrite(join(directory, ".git/HEAD"), "");
    expect(await damageIn(directory)).toMatchObject([{ code: "HEAD_BROKEN" }]);
  });

  test("a config that can not be read is told with its line, and the rest is checked all the same", async () => {
    const directory = looseHistory({ commits: 2, files: 3 });
    const config = join(directory, ".git/config");
    const before = readFileSync(config, "utf8");
    overwrite(config, `${before}[remote "origin\n`);
    const { findings, files, objects } = await verify(directory);
    const line = before.split("\n").length;
    expect(findings).toMatchObject([
      { part: "config", gravity: "damage", code: "CONFIG_BROKEN", where: "config" },
    ]);
    expect(findings[0]?.what).toContain(`line ${line} in ${config}`);
    expect(files).toBeUndefined();
    expect(objects).toBeGreaterThan(0);
    // Git says the same.
    expect(() => git(directory, "config", "--list")).toThrow(`bad config line ${line} `);
    overwrite(config, before);
    expect(await damageIn(directory)).toEqual([]);
  });

  test("a HEAD that is gone is told", async () => {
    const directory = looseHistory({ commits: 2, files: 3 });
    rmSync(join(directory, ".git/HEAD"));
    expect(engine().inspect(directory)).toMatchObject({
      kind: "unsupported",
      feature: expect.stringContaining("has no HEAD"),
    });
    expect(await damageIn(directory)).toMatchObject([
      { code: "HEAD_BROKEN", where: "HEAD", what: "there is none" },
    ]);
  });

  test("cut packs and indexes, a pack without an index and the other way round", async () => {
    const directory = richRepository();
    const pack = objectFiles(directory).find((path) => path.endsWith(".pack")) ?? "";
    const index = pack.replace(/pack$/, "idx");
    const [packBytes, indexBytes] = [readFileSync(pack), readFileSync(index)];
    overwrite(pack, packBytes.subarray(0, packBytes.length >> 1));
    expect(await codesIn(directory)).toContain("PACK_DAMAGED");
    overwrite(pack, packBytes);
    overwrite(index, indexBytes.subarray(0, indexBytes.length >> 1));
    expect(await codesIn(directory)).toEqual(["PACK_INDEX_DAMAGED"]);
    rmSync(index);
    const alone = await verify(directory);
    expect(alone.findings.map(({ code }) => code)).toContain("PACK_WITHOUT_INDEX");
    writeFileSync(index, indexBytes);
    rmSync(pack);
    expect(await codesIn(directory)).toContain("INDEX_WITHOUT_PACK");
  });

  test("an index whose remembered trees are not those of its entries", async () => {
    const directory = looseHistory({ commits: 2, files: 20 });
    const tree = git(directory, "rev-parse", "HEAD:d1");
    const other = git(directory, "rev-parse", "HEAD:d2");
    const path = join(directory, ".git/index");
    const bytes = readFileSync(path);
    const at = bytes.indexOf(Buffer.from(tree, "hex"));
    expect(at).toBeGreaterThan(0);
    Buffer.from(other, "hex").copy(bytes, at);
    new Bun.CryptoHasher("sha1")
      .update(bytes.subarray(0, -20))
      .digest()
      .copy(bytes, bytes.length - 20);
    overwrite(path, bytes);
    expect(await damageIn(directory)).toMatchObject([{ code: "INDEX_TREES" }]);
  });

  test("a copy that is damaged while another is whole is no loss", async () => {
    const directory = richRepository();
    const oid = git(directory, "rev-parse", "HEAD:new.md");
    const loose = readFileSync(objectPath(directory, oid));
    git(directory, "repack", "-q", "-a", "-d");
    mkdirSync(join(objectPath(directory, oid), ".."), { recursive: true });
    writeFileSync(objectPath(directory, oid), loose.subarray(0, loose.length - 3));
    const [finding, ...others] = await damageIn(directory);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: "COPY_DAMAGED", gravity: "damage" });
  });
});

test("a file that changed without its time and size is found; one that somebody edits is not", async () => {
  const directory = looseHistory({ commits: 1, files: 4 });
  const path = join(directory, "d1/note-1.md");
  for (const name of ["d0/note-0.md", "d1/note-1.md"]) utimesSync(join(directory, name), 1e9, 1e9);
  git(directory, "update-index", "--refresh");
  const text = readFileSync(path, "latin1");
  writeFileSync(
    path,
    text.replace(/^./, (first) => (first === "x" ? "y" : "x")),
  );
  utimesSync(path, 1e9, 1e9);
  expect((await verify(directory)).localChanges).toBe(1);
  // As a disk would do it: the index holds the stat data that the file has now.
  const lock = lockIndex(join(directory, ".git"));
  const position = lock.index.find("d1/note-1.md");
  const { mode, oid } = lock.index.versionAt(position);
  lock.index.update(new Map([["d1/note-1.md", { mode, oid, stat: statPath(path)?.data }]]));
  lock.write(lock.index);
  expect(git(directory, "status", "--porcelain")).toBe("");
  expect(await damageIn(directory)).toMatchObject([{ code: "FILE_CHANGED_UNSEEN", where: "d1/note-1.md" }]);
});

test("what was begun and not ended is a note", async () => {
  const directory = looseHistory({ commits: 1, files: 3 });
  const lock = join(directory, ".git/index.lock");
  writeFileSync(lock, "");
  utimesSync(lock, 1e9, 1e9);
  mkdirSync(join(directory, ".git/lull"), { recursive: true });
  const tree = git(directory, "rev-parse", "HEAD^{tree}");
  const journal = { version: 1, branch: "refs/heads/main", from: null, trees: [tree] };
  writeFileSync(join(directory, ".git/lull/checkout.json"), JSON.stringify(journal));
  const { findings } = await verify(directory);
  expect(findings.map(({ code, gravity }) => [code, gravity])).toEqual([
    ["JOURNAL", "note"],
    ["LOCK", "note"],
  ]);
});

test("nothing is written, and it can be cancelled", async () => {
  const directory = richRepository();
  const copy = join(temporaryDirectory(), "copy");
  cpSync(directory, copy, { recursive: true, preserveTimestamps: true });
  await verify(directory);
  expect(gitRaw("/", ["diff", "--no-index", "--stat", copy, directory]).toString()).toBe("");
  const stopped = AbortSignal.abort();
  const repository = engine().open(directory);
  await expect(repository.verify({ signal: stopped })).rejects.toMatchObject({ kind: "interrupted" });
  repository.close();
  fsck(directory);
});
