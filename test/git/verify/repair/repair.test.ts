/**
 * Repairs real damage; system git judges the result, and nothing that can be had may be lost. LULL_VERIFY_FLIPS sets the
 * rounds of random damage, LULL_SEED repeats a run.
 */
import { describe, expect, test } from "bun:test";
import {
  appendFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";

import type { RepairResult } from "../../../../src/git/git.ts";
import { createResponder } from "../../../../src/git/serve/responder.ts";
import { lockIndex } from "../../../../src/git/worktree/index-file.ts";
import { statPath } from "../../../../src/git/worktree/stat.ts";
import { LocalConnection } from "../../../../src/transport/local.ts";
import { seededRandom } from "../../../helpers/random.ts";
import { fsck, git, temporaryDirectory } from "../../../helpers/system-git.ts";
import { looseHistory } from "../../maintenance/repositories.ts";
import { damageIn, engine, flipBit, objectFiles, objectPath, overwrite, signal } from "../places.ts";

const ROUNDS = Number(process.env["LULL_VERIFY_FLIPS"] ?? "12");
const author = { name: "Ada", email: "ada@example.com", seconds: 1_800_000_000, offsetMinutes: 0 };

async function repair(
  directory: string,
  options: { remote?: string; dryRun?: boolean } = {},
): Promise<RepairResult> {
  const repository = engine().open(directory);
  const { remote } = options;
  try {
    return await repository.repair({
      signal,
      dryRun: options.dryRun ?? false,
      note: { source: "notes", before: "a repair" },
      author,
      remotes:
        remote === undefined
          ? []
          : [
              {
                name: "origin",
                connect: async () => new LocalConnection({ directory: remote, createResponder, signal }),
              },
            ],
    });
  } finally {
    repository.close();
  }
}

function withRemote(commits = 8) {
  const directory = looseHistory({ commits, files: 21 });
  const remote = join(temporaryDirectory(), "remote.git");
  git("/", "clone", "-q", "--bare", "--no-hardlinks", directory, remote);
  git(directory, "remote", "add", "origin", remote);
  git(directory, "fetch", "-q", "origin");
  return { directory, remote };
}

function remove(directory: string, revision: string): string {
  const oid = git(directory, "rev-parse", revision);
  rmSync(objectPath(directory, oid));
  return oid;
}

const everything = (directory: string): string =>
  git(directory, "rev-list", "--objects", "--exclude=refs/lull/*", "--all");

describe("lost objects", () => {
  test.each([
    ["a file of an old commit", "HEAD~5:d1/note-1.md"],
    ["a folder", "HEAD~3:d2"],
    ["a whole tree", "HEAD~4^{tree}"],
    ["a commit in the middle", "HEAD~4"],
    ["the last commit", "HEAD"],
  ])("come back from a remote: %s", async (_, revision) => {
    const { directory, remote } = withRemote();
    const before = everything(directory);
    remove(directory, revision);
    const { after, steps } = await repair(directory, { remote });
    expect(after?.findings.filter(({ gravity }) => gravity !== "note")).toEqual([]);
    expect(steps.length).toBeGreaterThan(0);
    fsck(directory);
    expect(everything(directory)).toBe(before);
  });

  test("come back from the folder and the index, without a remote", async () => {
    const { directory } = withRemote();
    writeFileSync(join(directory, "staged.md"), "staged only\n");
    git(directory, "add", "staged.md");
    const before = everything(directory);
    for (const revision of [":staged.md", "HEAD:d1/note-1.md", "HEAD:d1"]) remove(directory, revision);
    expect((await repair(directory)).after?.findings.filter(({ gravity }) => gravity !== "note")).toEqual([]);
    fsck(directory);
    expect(everything(directory)).toBe(before);
    expect(git(directory, "show", ":staged.md")).toBe("staged only");
  });

  test("come back from the folder when it is just as it was committed: the whole last tree", async () => {
    const { directory } = withRemote();
    const before = everything(directory);
    for (const revision of ["HEAD:d3", "HEAD^{tree}"]) remove(directory, revision);
    await repair(directory);
    fsck(directory);
    expect(everything(directory)).toBe(before);
  });

  test("that nobody has are said, and all else stays as it is", async () => {
    const { directory } = withRemote();
    const head = git(directory, "rev-parse", "HEAD");
    const names = everything(directory).split("\n").length;
    const path = git(directory, "diff", "--name-only", "HEAD~3", "HEAD~2");
    const oid = remove(directory, `HEAD~3:${path}`);
    const { after } = await repair(directory);
    expect(after?.findings).toMatchObject([{ gravity: "loss", code: "OBJECT_MISSING", oids: [oid] }]);
    expect(after?.findings[0]?.meaning).toContain(path);
    expect(git(directory, "rev-parse", "HEAD")).toBe(head);
    expect(after?.objects).toBeGreaterThanOrEqual(names - 1);
  });

  test("come back only as far as they are needed", async () => {
    const { directory, remote } = withRemote();
    git(remote, "update-ref", "refs/heads/other", git(remote, "commit-tree", "HEAD^{tree}", "-m", "other"));
    const other = git(remote, "rev-parse", "other");
    remove(directory, "HEAD~2");
    await repair(directory, { remote });
    expect(() => git(directory, "cat-file", "-e", other)).toThrow();
    expect(readdirSync(join(directory, ".git/lull/tmp"))).toEqual([]);
  });
});

test("random damage to objects and packs is repaired with a remote that has them", async () => {
  const seed = Number(process.env["LULL_SEED"] ?? Date.now() % 1e6);
  const random = seededRandom(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const { directory, remote } = withRemote(5);
    if (random.chance(0.7)) git(directory, "gc", "-q");
    const before = everything(directory);
    for (let flips = 1 + random.below(3); flips > 0; flips--) {
      const path = random.pick(objectFiles(directory));
      if (random.chance(0.8)) flipBit(path, random);
      else overwrite(path, readFileSync(path).subarray(0, random.below(readFileSync(path).length)));
    }
    try {
      await repair(directory, { remote });
      expect(await damageIn(directory)).toEqual([]);
      fsck(directory);
      expect(everything(directory)).toBe(before);
    } catch (error) {
      throw new Error(`seed ${seed}, round ${round}, ${directory}`, { cause: error });
    }
  }
});

describe("a pack", () => {
  const packOf = (directory: string): string =>
    objectFiles(directory).find((path) => path.endsWith(".pack")) ?? "";

  test.each([
    ["whose index is damaged", (pack: string) => flipBit(pack.replace(/pack$/, "idx"), seededRandom(3))],
    ["whose index is gone", (pack: string) => rmSync(pack.replace(/pack$/, "idx"))],
    [
      "whose checksum at the end is damaged",
      (pack: string) => {
        const bytes = readFileSync(pack);
        bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 4, bytes.length - 3);
        overwrite(pack, bytes);
      },
    ],
    [
      "whose head is damaged",
      (pack: string) => {
        const bytes = readFileSync(pack);
        bytes.writeUInt8(bytes.readUInt8(2) ^ 1, 2);
        overwrite(pack, bytes);
      },
    ],
  ])("%s is made whole without a remote", async (_, damage) => {
    const { directory } = withRemote();
    git(directory, "gc", "-q");
    const before = everything(directory);
    damage(packOf(directory));
    const { setAside } = await repair(directory);
    expect(await damageIn(directory)).toEqual([]);
    fsck(directory);
    expect(everything(directory)).toBe(before);
    expect(setAside === undefined || existsSync(setAside)).toBe(true);
  });

  test("with one damaged object keeps all others, and the old file", async () => {
    const { directory } = withRemote();
    git(directory, "gc", "-q");
    const pack = packOf(directory);
    const bytes = readFileSync(pack);
    bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
    overwrite(pack, bytes);
    const { setAside = "", after } = await repair(directory);
    const kept = join(setAside, pack.slice(join(directory, ".git/").length));
    expect(readFileSync(kept).equals(bytes)).toBe(true);
    expect(
      after?.findings.every(({ code }) =>
        ["OBJECT_MISSING", "LEFTOVERS", "REFLOG_WITHOUT_OBJECT"].includes(code),
      ),
    ).toBe(true);
  });
});

describe("refs", () => {
  test("an emptied branch comes back from its log, though the remote is behind", async () => {
    const { directory } = withRemote();
    writeFileSync(join(directory, "new.md"), "not sent yet\n");
    git(directory, "add", "new.md");
    git(directory, "commit", "-q", "-m", "new");
    const head = git(directory, "rev-parse", "HEAD");
    overwrite(join(directory, ".git/refs/heads/main"), "");
    await repair(directory);
    expect(git(directory, "rev-parse", "HEAD")).toBe(head);
    expect(await damageIn(directory)).toEqual([]);
    fsck(directory);
  });

  test.each([
    ["the log of HEAD, which tells the last switch", () => {}],
    [
      "the log of HEAD, which tells the last commit",
      (directory: string) => {
        const log = join(directory, ".git/logs/HEAD");
        overwrite(log, readFileSync(log, "utf8").replaceAll("checkout: moving", "was moved"));
      },
    ],
    [
      "the last savepoint",
      (directory: string) => {
        const repository = engine().open(directory);
        repository.savepoint({ note: { source: "notes", before: "a sync" }, paths: [], author, signal });
        repository.close();
        rmSync(join(directory, ".git/logs"), { recursive: true });
      },
    ],
  ])("a HEAD that is gone comes back from %s", async (_, lose) => {
    const { directory } = withRemote();
    git(directory, "switch", "-q", "-c", "side");
    git(directory, "commit", "-q", "--allow-empty", "-m", "on the side");
    lose(directory);
    rmSync(join(directory, ".git/HEAD"));
    const planned = await repair(directory, { dryRun: true });
    expect(planned.steps).toMatchObject([{ where: "HEAD", outcome: "planned" }]);
    expect(existsSync(join(directory, ".git/HEAD"))).toBe(false);
    await repair(directory);
    expect(git(directory, "symbolic-ref", "HEAD")).toBe("refs/heads/side");
    expect(git(directory, "status", "--porcelain")).toBe("");
    expect(await damageIn(directory)).toEqual([]);
    fsck(directory);
  });

  test("a HEAD of which nothing is known is left for a person to write", async () => {
    const { directory } = withRemote();
    for (const name of ["one", "two"]) git(directory, "branch", name);
    git(directory, "branch", "-m", "main", "three");
    rmSync(join(directory, ".git/logs"), { recursive: true });
    rmSync(join(directory, ".git/HEAD"));
    const { steps, after } = await repair(directory);
    expect(steps).toMatchObject([{ where: "HEAD", outcome: "failed" }]);
    expect(steps[0]?.did).toContain(`into ${directory}/.git/HEAD`);
    expect(after?.findings).toMatchObject([{ code: "HEAD_BROKEN" }]);
  });

  test("with a broken config nothing is repaired, and it says why", async () => {
    const { directory } = withRemote();
    writeFileSync(join(directory, ".git/config"), "[core\n");
    overwrite(join(directory, ".git/refs/heads/main"), "");
    const { steps, after } = await repair(directory);
    expect(steps).toMatchObject([{ where: "config", outcome: "failed" }]);
    expect(after).toBeUndefined();
    expect(readFileSync(join(directory, ".git/refs/heads/main"), "utf8")).toBe("");
  });

  test("a branch without a log comes back from a savepoint or from what the remote had, whichever is newer", async () => {
    const { directory } = withRemote();
    const head = git(directory, "rev-parse", "HEAD");
    const repository = engine().open(directory);
    git(directory, "update-ref", "refs/remotes/origin/main", "HEAD~3");
    repository.savepoint({ note: { source: "notes", before: "a sync" }, paths: [], author, signal });
    repository.close();
    rmSync(join(directory, ".git/logs"), { recursive: true, force: true });
    overwrite(join(directory, ".git/refs/heads/main"), "garbage\n");
    await repair(directory);
    expect(git(directory, "rev-parse", "HEAD")).toBe(head);
    fsck(directory);
  });

  test("commits that nothing names any more are kept when a branch comes back from elsewhere", async () => {
    const { directory } = withRemote();
    const sent = git(directory, "rev-parse", "HEAD");
    git(directory, "commit", "-q", "--allow-empty", "-m", "mine, not sent");
    const mine = git(directory, "rev-parse", "HEAD");
    rmSync(join(directory, ".git/logs"), { recursive: true });
    overwrite(join(directory, ".git/refs/heads/main"), "");
    await repair(directory);
    expect(git(directory, "rev-parse", "HEAD")).toBe(sent);
    git(directory, "gc", "-q", "--prune=now");
    expect(git(directory, "log", "-1", "--format=%s", `refs/lull/rescued/${mine.slice(0, 12)}`)).toBe(
      "mine, not sent",
    );
    fsck(directory);
  });

  test("a branch whose last commit is lost goes to the newest that is whole", async () => {
    const { directory } = withRemote();
    const before = git(directory, "rev-parse", "HEAD");
    writeFileSync(join(directory, "new.md"), "new\n");
    git(directory, "add", "new.md");
    git(directory, "commit", "-q", "-m", "new");
    git(directory, "commit-graph", "write", "--reachable");
    remove(directory, "HEAD");
    await repair(directory);
    expect(git(directory, "rev-parse", "HEAD")).toBe(before);
    expect(readFileSync(join(directory, "new.md"), "utf8")).toBe("new\n");
    expect(git(directory, "status", "--porcelain")).toContain("new.md");
    fsck(directory);
  });

  test("HEAD, packed-refs and a tracking branch", async () => {
    const { directory } = withRemote();
    git(directory, "branch", "side", "HEAD~2");
    git(directory, "tag", "-a", "v1", "-m", "one");
    git(directory, "pack-refs", "--all");
    const refs = git(directory, "for-each-ref");
    const packed = join(directory, ".git/packed-refs");
    overwrite(
      packed,
      readFileSync(packed, "latin1").replace(/^[0-9a-f]{2}(?=[0-9a-f]{38} refs\/heads\/main$)/m, "zz"),
    );
    overwrite(join(directory, ".git/HEAD"), "ref: refs/heads/maio\n");
    expect((await damageIn(directory)).map(({ code }) => code).sort()).toContain("PACKED_REFS_BROKEN");
    await repair(directory);
    expect(git(directory, "for-each-ref")).toBe(refs);
    expect(git(directory, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
    overwrite(join(directory, ".git/HEAD"), "");
    await repair(directory);
    expect(git(directory, "symbolic-ref", "HEAD")).toBe("refs/heads/main");
    fsck(directory);
  });
});

describe("the index and logs", () => {
  test("a damaged index is made anew and no file changes; a local edit shows up", async () => {
    const { directory } = withRemote();
    appendFileSync(join(directory, "d1/note-1.md"), "edited\n");
    const status = git(directory, "status", "--porcelain");
    flipBit(join(directory, ".git/index"), seededRandom(5));
    const { setAside = "" } = await repair(directory);
    expect(git(directory, "status", "--porcelain")).toBe(status);
    expect(existsSync(join(setAside, "index"))).toBe(true);
    expect(await damageIn(directory)).toEqual([]);
    fsck(directory);
  });

  test("what was staged comes back from the savepoint", async () => {
    const { directory } = withRemote();
    writeFileSync(join(directory, "d1/note-1.md"), "staged\n");
    git(directory, "add", "d1/note-1.md");
    writeFileSync(join(directory, "d1/note-1.md"), "later\n");
    const repository = engine().open(directory);
    repository.savepoint({
      note: { source: "notes", before: "a sync" },
      paths: ["d1/note-1.md"],
      author,
      signal,
    });
    repository.close();
    overwrite(join(directory, ".git/index"), "");
    await repair(directory);
    expect(git(directory, "show", ":d1/note-1.md")).toBe("staged");
    expect(readFileSync(join(directory, "d1/note-1.md"), "utf8")).toBe("later\n");
  });

  test("what was staged long ago, before another commit, does not come back", async () => {
    const { directory } = withRemote();
    writeFileSync(join(directory, "d1/note-1.md"), "staged\n");
    git(directory, "add", "d1/note-1.md");
    const repository = engine().open(directory);
    repository.savepoint({ note: { source: "notes", before: "a sync" }, paths: [], author, signal });
    repository.close();
    writeFileSync(join(directory, "d1/note-1.md"), "committed since\n");
    git(directory, "commit", "-q", "-am", "since");
    overwrite(join(directory, ".git/index"), "");
    await repair(directory);
    expect(git(directory, "show", ":d1/note-1.md")).toBe("committed since");
    expect(git(directory, "status", "--porcelain")).toBe("");
  });

  test("a staged content that is lost is given up, the commit's stands in for it", async () => {
    const { directory } = withRemote();
    const was = git(directory, "rev-parse", "HEAD:d1/note-1.md");
    writeFileSync(join(directory, "d1/note-1.md"), "staged\n");
    git(directory, "add", "d1/note-1.md");
    remove(directory, ":d1/note-1.md");
    writeFileSync(join(directory, "d1/note-1.md"), "later\n");
    const { steps } = await repair(directory);
    expect(steps).toContainEqual({
      where: "d1/note-1.md",
      did: "is staged as it was committed, as what was staged is lost",
      outcome: "done",
    });
    expect(git(directory, "rev-parse", ":d1/note-1.md")).toBe(was);
    fsck(directory);
  });

  test("logs lose the lines that nobody can read, and keep the others", async () => {
    const { directory } = withRemote();
    git(directory, "commit", "-q", "--allow-empty", "-m", "one more");
    const path = join(directory, ".git/logs/refs/heads/main");
    const good = readFileSync(path, "latin1");
    overwrite(path, `\u0000\u0001 no line\n${good}`);
    await repair(directory);
    expect(readFileSync(path, "latin1")).toBe(good);
    fsck(directory);
  });
});

test("a dry run says what would be done and writes nothing", async () => {
  const { directory, remote } = withRemote();
  remove(directory, "HEAD~2");
  overwrite(join(directory, ".git/index"), "");
  const { steps, after } = await repair(directory, { remote, dryRun: true });
  expect(steps.map(({ outcome }) => outcome)).toEqual(steps.map(() => "planned"));
  expect(steps.length).toBeGreaterThan(1);
  expect(after).toBeUndefined();
  expect(existsSync(join(directory, ".git/lull"))).toBe(false);
});

test("a savepoint comes first where one can be taken", async () => {
  const { directory, remote } = withRemote();
  writeFileSync(join(directory, "new.md"), "uncommitted\n");
  remove(directory, "HEAD~3");
  const { savepoint } = await repair(directory, { remote });
  expect(git(directory, "show", `refs/lull/savepoints/${savepoint}:new.md`)).toBe("uncommitted");
});

test("a linked work tree has its own index mended, and the shared branch", async () => {
  const { directory } = withRemote();
  const beside = join(temporaryDirectory(), "beside");
  git(directory, "worktree", "add", "-q", "-b", "beside", beside);
  const head = git(beside, "rev-parse", "HEAD");
  overwrite(join(directory, ".git/worktrees/beside/index"), "DIRC");
  overwrite(join(directory, ".git/refs/heads/beside"), "");
  await repair(beside);
  expect(git(beside, "rev-parse", "HEAD")).toBe(head);
  expect(git(beside, "status", "--porcelain")).toBe("");
  fsck(directory);
});

test("an object that is borrowed and damaged over there comes into the repository itself", async () => {
  const { directory, remote } = withRemote();
  const borrower = join(temporaryDirectory(), "borrower");
  git("/", "clone", "-q", "--shared", directory, borrower);
  const oid = git(directory, "rev-parse", "HEAD~3:d2");
  const damaged = readFileSync(objectPath(directory, oid)).subarray(0, 9);
  overwrite(objectPath(directory, oid), damaged);
  await repair(borrower, { remote });
  expect(git(borrower, "cat-file", "-t", oid)).toBe("tree");
  expect(readFileSync(objectPath(directory, oid)).equals(damaged)).toBe(true);
  expect(await damageIn(borrower)).toMatchObject([{ code: "COPY_DAMAGED" }]);
});

test("in the middle of a merge, objects come back and refs stay as they are", async () => {
  const { directory, remote } = withRemote();
  writeFileSync(join(directory, ".git/MERGE_HEAD"), `${git(directory, "rev-parse", "HEAD~1")}\n`);
  remove(directory, "HEAD~3");
  overwrite(join(directory, ".git/refs/remotes/origin/main"), "");
  const { steps } = await repair(directory, { remote });
  expect(steps.map(({ outcome }) => outcome)).toEqual(["done", "failed"]);
  git(directory, "cat-file", "-e", "HEAD~3");
  expect(readFileSync(join(directory, ".git/refs/remotes/origin/main"), "utf8")).toBe("");
});

test("while git tidies up, nothing is touched", async () => {
  const { directory } = withRemote();
  overwrite(join(directory, ".git/refs/heads/main"), "");
  writeFileSync(join(directory, ".git/gc.pid"), `${process.ppid} ${hostname()}`);
  await expect(repair(directory)).rejects.toMatchObject({ code: "REPOSITORY_BUSY", kind: "unsafe" });
  expect(readFileSync(join(directory, ".git/refs/heads/main"), "utf8")).toBe("");
});

test("a sound repository is left as it is", async () => {
  const { directory, remote } = withRemote();
  expect(await repair(directory, { remote })).toMatchObject({
    steps: [],
    after: undefined,
    savepoint: undefined,
  });
  expect(existsSync(join(directory, ".git/lull"))).toBe(false);
});

test("a file that changed unseen is left to the person", async () => {
  const { directory } = withRemote();
  const path = join(directory, "d1/note-1.md");
  writeFileSync(
    path,
    readFileSync(path, "latin1").replace(/^./, (first) => (first === "x" ? "y" : "x")),
  );
  utimesSync(path, 1e9, 1e9);
  const lock = lockIndex(join(directory, ".git"));
  const { mode, oid } = lock.index.versionAt(lock.index.find("d1/note-1.md"));
  lock.index.update(new Map([["d1/note-1.md", { mode, oid, stat: statPath(path)?.data }]]));
  lock.write(lock.index);
  const text = readFileSync(path);
  expect(await repair(directory)).toMatchObject({
    steps: [],
    before: { findings: [{ code: "FILE_CHANGED_UNSEEN" }] },
  });
  expect(readFileSync(path).equals(text)).toBe(true);
});
