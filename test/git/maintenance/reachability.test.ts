import { describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { writeJournal } from "../../../src/git/checkout/journal.ts";
import { fsck, git, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { age, everyObject, looseHistory, maintain, maintained, packs } from "./repositories.ts";

/** Stores a file's content that nothing refers to. */
function blob(directory: string, content: string): string {
  return gitRaw(directory, ["hash-object", "-w", "--stdin"], { input: content }).toString().trim();
}

function has(directory: string, oid: string): boolean {
  return everyObject(directory).includes(oid);
}

/** A commit of its own, with a tree and a blob of its own. */
function strayCommit(directory: string, content: string): string {
  const file = blob(directory, content);
  const tree = gitRaw(directory, ["mktree"], { input: `100644 blob ${file}\tstray\n` })
    .toString()
    .trim();
  return git(directory, "commit-tree", "-m", content, tree);
}

describe("an object that nothing reaches", () => {
  test("goes when it is older than two weeks", async () => {
    const directory = looseHistory({ commits: 100 });
    const stray = blob(directory, "stray");
    age(directory, 15);
    const result = await maintained(directory);
    expect(result.objectsDropped).toBe(1);
    expect(has(directory, stray)).toBe(false);
    fsck(directory);
  });

  test("stays while it is younger, with its date, and so does what it refers to", async () => {
    const directory = looseHistory({ commits: 100 });
    const commit = strayCommit(directory, "young");
    const before = everyObject(directory);
    age(directory, 15);
    const path = join(directory, ".git/objects", commit.slice(0, 2), commit.slice(2));
    const recent = Date.now() / 1000 - 13 * 24 * 60 * 60;
    utimesSync(path, recent, recent);
    const result = await maintained(directory);
    expect(result.objectsDropped).toBe(0);
    expect(everyObject(directory)).toEqual(before);
    expect(existsSync(path)).toBe(true);
  });

  test("keeps its pack from being rolled while it is young, and goes with the pack when it is old", async () => {
    const directory = looseHistory({ files: 5, commits: 2 });
    const stray = blob(directory, "packed stray");
    gitRaw(directory, ["pack-objects", "-q", ".git/objects/pack/pack"], {
      input: everyObject(directory).join("\n"),
    });
    git(directory, "prune-packed", "-q");
    const [first = ""] = packs(directory);
    manyObjects(directory, "first");
    const result = await maintained(directory);
    expect(result.left.join()).toContain(`${first.slice(0, -5)} holds objects that nothing reaches`);
    expect(packs(directory)).toContain(first);
    age(directory, 20);
    manyObjects(directory, "second");
    const later = await maintained(directory);
    expect(later.objectsDropped).toBe(1);
    expect(has(directory, stray)).toBe(false);
    fsck(directory);
  }, 60_000);

  test("stays for as long as gc.pruneExpire says, at least two weeks, and for ever where that is not understood", async () => {
    const cases = [
      ["3.months.ago", 20, true],
      ["3.months.ago", 100, false],
      ["now", 13, true],
      ["1.day.ago", 15, false],
      ["the day before yesterday", 400, true],
    ] as const;
    for (const [value, days, stays] of cases) {
      const directory = looseHistory({ commits: 100 });
      const stray = blob(directory, "stray");
      git(directory, "config", "gc.pruneExpire", value);
      age(directory, days);
      const result = await maintained(directory);
      expect([value, days, has(directory, stray)]).toEqual([value, days, stays]);
      expect(result.objectsDropped).toBe(stays ? 0 : 1);
      fsck(directory);
    }
  }, 60_000);

  test("stays where git is told to prune never, and where a commit-graph may name it", async () => {
    for (const prepare of [
      ["config", "gc.pruneExpire", "never"],
      ["commit-graph", "write", "--reachable"],
    ]) {
      const directory = looseHistory({ commits: 100 });
      const stray = strayCommit(directory, "stray");
      git(directory, ...prepare);
      age(directory, 15);
      const result = await maintained(directory);
      expect(result.objectsDropped).toBe(0);
      expect(result.left.join()).toContain("objects that nothing reaches stay");
      expect(has(directory, stray)).toBe(true);
      fsck(directory);
    }
  });
});

describe("an old object is kept when it is named by", () => {
  const holders: Readonly<Record<string, (directory: string, commit: string) => void>> = {
    "a branch": (directory, commit) => git(directory, "branch", "held", commit),
    "a tag of a tag": (directory, commit) => {
      git(directory, "tag", "-a", "-m", "inner", "inner", commit);
      git(directory, "tag", "-a", "-m", "outer", "outer", "inner");
      git(directory, "tag", "-d", "inner");
    },
    "a packed ref": (directory, commit) => {
      git(directory, "update-ref", "refs/lull/savepoints/1", commit);
      git(directory, "pack-refs", "--all");
    },
    "a reflog": (directory, commit) => {
      git(directory, "reset", "-q", "--soft", commit);
      git(directory, "reset", "-q", "--soft", "HEAD@{1}");
    },
    ORIG_HEAD: (directory, commit) => writeFileSync(join(directory, ".git/ORIG_HEAD"), `${commit}\n`),
    FETCH_HEAD: (directory, commit) =>
      writeFileSync(
        join(directory, ".git/FETCH_HEAD"),
        `${"1".repeat(40)}\tnot-for-merge\tx\n${commit}\t\tbranch 'a' of b\n`,
      ),
    "an unfinished checkout of lull": (directory, commit) => {
      const tree = git(directory, "rev-parse", `${commit}^{tree}`);
      mkdirSync(join(directory, ".git/lull"), { recursive: true });
      writeJournal(join(directory, ".git"), { branch: "refs/heads/main", from: null, trees: [tree] });
    },
    "the index": (directory, commit) =>
      git(
        directory,
        "update-index",
        "--add",
        "--cacheinfo",
        `100644,${git(directory, "rev-parse", `${commit}:stray`)},stray`,
      ),
    "the stash": (directory, commit) => git(directory, "update-ref", "--create-reflog", "refs/stash", commit),
    "HEAD of a linked work tree": (directory, commit) =>
      git(directory, "worktree", "add", "-q", "--detach", join(temporaryDirectory(), "linked"), commit),
    "the index of a linked work tree": (directory, commit) => {
      const linked = join(temporaryDirectory(), "linked");
      git(directory, "worktree", "add", "-q", linked, "HEAD");
      git(
        linked,
        "update-index",
        "--add",
        "--cacheinfo",
        `100644,${git(directory, "rev-parse", `${commit}:stray`)},stray`,
      );
    },
    "a bisect of a linked work tree": (directory, commit) => {
      const linked = join(temporaryDirectory(), "linked");
      git(directory, "worktree", "add", "-q", linked, "HEAD");
      git(linked, "update-ref", "refs/bisect/bad", commit);
    },
    "an unfinished rebase of a linked work tree": (directory, commit) => {
      git(directory, "worktree", "add", "-q", join(temporaryDirectory(), "linked"), "HEAD");
      mkdirSync(join(directory, ".git/worktrees/linked/rebase-merge"));
      writeFileSync(join(directory, ".git/worktrees/linked/rebase-merge/autostash"), `${commit}\n`);
    },
    "a tree in a pack that stays": (directory, commit) => {
      const tree = git(directory, "rev-parse", `${commit}^{tree}`);
      git(directory, "update-ref", "refs/heads/held", commit);
      const name = gitRaw(directory, ["pack-objects", "-q", ".git/objects/pack/pack"], {
        input: `${commit}\n${tree}\n`,
      })
        .toString()
        .trim();
      git(directory, "prune-packed", "-q");
      writeFileSync(join(directory, `.git/objects/pack/pack-${name}.keep`), "");
    },
  };

  for (const [name, hold] of Object.entries(holders)) {
    test(name, async () => {
      const directory = looseHistory({ commits: 100 });
      const commit = strayCommit(directory, "held");
      const file = git(directory, "rev-parse", `${commit}:stray`);
      const dropped = strayCommit(directory, "not held");
      hold(directory, commit);
      age(directory, 30);
      await maintained(directory);
      expect(has(directory, file)).toBe(true);
      expect(has(directory, dropped)).toBe(false);
      fsck(directory);
    });
  }
});

test("a conflict in a linked work tree lets nothing go", async () => {
  const directory = looseHistory({ commits: 100 });
  const linked = join(temporaryDirectory(), "linked");
  git(directory, "worktree", "add", "-q", linked, "HEAD");
  const stages = [1, 2, 3].map((stage) => `100644 ${blob(directory, `stage ${stage}`)} ${stage}\tclash\n`);
  gitRaw(linked, ["update-index", "--index-info"], { input: stages.join("") });
  const before = everyObject(directory);
  age(directory, 30);
  const result = await maintained(directory);
  expect(result.left.join()).toContain("holds conflicts");
  expect(everyObject(directory)).toEqual(before);
});

test("an object in a hole of the history lets nothing go, and says which is missing", async () => {
  const directory = looseHistory({ commits: 100 });
  blob(directory, "stray");
  age(directory, 30);
  const tree = git(directory, "rev-parse", "HEAD~5^{tree}");
  await Bun.file(join(directory, ".git/objects", tree.slice(0, 2), tree.slice(2))).delete();
  const before = everyObject(directory);
  const error = await maintain(directory).catch((cause: unknown) => cause);
  expect((error as { code: string }).code).toBe("OBJECT_MISSING");
  expect(everyObject(directory)).toEqual(before);
});

/** One commit with 260 new files: enough loose objects that a maintenance has something to do. */
function manyObjects(directory: string, round: string): void {
  const file = Array.from(
    { length: 260 },
    (_, at) => `M 100644 inline many-${at}\ndata <<EOT\n${round} ${at}\nEOT\n`,
  );
  const head = `commit refs/heads/main\ncommitter A <a@b> 1700000000 +0000\ndata 1\nx\nfrom refs/heads/main^0\n`;
  gitRaw(directory, ["-c", "fastimport.unpackLimit=100000", "fast-import", "--quiet"], {
    input: `${head}${file.join("")}\n`,
  });
}
