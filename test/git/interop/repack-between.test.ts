/** A person's `git repack -a -d` or `git gc --prune=now` between the moment a pack of lull is stored and that a ref names it. */
import { beforeEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { systemClock } from "../../../src/base/clock.ts";
import { commitWorkTree } from "../../../src/git/commit-work-tree.ts";
import { createGit } from "../../../src/git/create-git.ts";
import type { Repository } from "../../../src/git/git.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import type { ReflogPolicy } from "../../../src/git/refs/reflog.ts";
import { RepositoryParts } from "../../../src/git/repository-parts.ts";
import { fetchBranches } from "../../../src/git/wire/fetch.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";
import { openConnection } from "../../helpers/wire-client.ts";

const options = { clock: systemClock, environment: {}, windows: false };
const author = { name: "Ada", email: "ada@example.com", seconds: 1_800_000_000, offsetMinutes: 0 };
const { signal } = new AbortController();
const DAY = 24 * 60 * 60;
/** So many that lull writes a pack. */
const MANY = 30;

let root: string;

beforeEach(() => {
  root = temporaryDirectory();
  git(root, "init", "-q");
  write("a.md", "one\n");
  git(root, "add", ".");
  git(root, "commit", "-q", "-m", "one");
});

function write(path: string, text: string): void {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
}

function writeMany(folder: string): void {
  for (let file = 0; file < MANY; file++) write(`${folder}/${file}.md`, `${folder} ${file}\n`);
}

function commitByGit(folder: string, branch: string): void {
  git(root, "checkout", "-q", "-b", branch, "main");
  writeMany(folder);
  git(root, "add", ".");
  git(root, "commit", "-q", "-m", folder);
  git(root, "checkout", "-q", "main");
}

/** Each file gets its first line from `main` and its last from `side`. */
function bothSidesEdit(): void {
  const text = (first: string, last: string) => [first, "b", "c", "d", "e", last, ""].join("\n");
  const commit = (message: string, first: string, last: string): void => {
    for (let file = 0; file < MANY; file++)
      write(`notes/${file}.md`, text(`${first} ${file}`, `${last} ${file}`));
    git(root, "add", ".");
    git(root, "commit", "-q", "-m", message);
  };
  commit("both", "a", "z");
  git(root, "checkout", "-q", "-b", "side");
  commit("theirs", "a", "theirs");
  git(root, "checkout", "-q", "main");
  commit("ours", "ours", "z");
}

const keeps = (): readonly string[] =>
  readdirSync(join(root, ".git/objects/pack")).filter((name) => name.endsWith(".keep"));

/** Git takes whatever nothing names. That the guard was there shows by what is left afterwards. */
function clean(how: "repack" | "gc" | "prune"): void {
  if (how === "gc") git(root, "gc", "-q", "--prune=now");
  else git(root, "repack", "-a", "-d", "-q");
  if (how === "prune") git(root, "prune", "--expire=now");
}

/** All that lull did is there, and nothing guards the packs any more. */
function expectWhole(): void {
  fsck(root);
  expect(git(root, "rev-list", "--all", "--objects").split("\n").length).toBeGreaterThan(MANY);
  expect(keeps()).toEqual([]);
  git(root, "repack", "-a", "-d", "-q");
  expect(readdirSync(join(root, ".git/objects/pack")).filter((name) => name.endsWith(".pack"))).toHaveLength(
    1,
  );
  fsck(root);
}

function opened<Result>(use: (repository: Repository) => Result): Result {
  const repository = createGit(options).open(root);
  try {
    return use(repository);
  } finally {
    repository.close();
  }
}

/** Acts when the objects of a commit are stored and the branch is about to move. */
class InterruptedParts extends RepositoryParts {
  act: () => void = () => {};

  override reflogPolicy(): ReflogPolicy {
    this.act();
    return super.reflogPolicy();
  }
}

function commitAll(act: () => void): string | undefined {
  writeMany("notes");
  const paths = opened((repository) => repository.scan({ signal }).changes.map((change) => change.path));
  const parts = new InterruptedParts(root, options);
  parts.act = act;
  try {
    return commitWorkTree(parts, parts.head(), { paths, message: "many", author, signal });
  } finally {
    parts.store.close();
  }
}

describe("right before a ref moves", () => {
  for (const how of ["repack", "gc"] as const) {
    test(`git ${how} leaves a commit`, () => {
      const commit = commitAll(() => clean(how));
      expect(git(root, "rev-parse", "main")).toBe(commit ?? "none");
      expect(git(root, "show", "main:notes/7.md")).toBe("notes 7");
      expectWhole();
    });

    test(`git ${how} leaves a merge`, () => {
      bothSidesEdit();
      opened((repository) => {
        const [ours = "", theirs = ""] = git(root, "rev-parse", "main", "side").split("\n");
        const merged = repository.merge({
          ours,
          theirs,
          resolve: () => expect.unreachable(),
          message: () => "merge",
          author,
          signal,
        });
        expect(keeps()).toHaveLength(1);
        clean(how);
        const from = { branch: "refs/heads/main", commit: ours };
        const done = repository.checkout({ from, target: merged.commit, reason: "merge", signal });
        expect(done.kind).toBe("done");
        expect(keeps()).toEqual([]);
      });
      expectWhole();
    });
  }

  test("git repack and git prune leave what was fetched", async () => {
    commitByGit("theirs", "side");
    const remote = join(temporaryDirectory(), "remote.git");
    git(root, "clone", "-q", "--bare", root, remote);
    git(root, "branch", "-q", "-D", "side");
    git(root, "gc", "-q", "--prune=now");
    git(root, "reflog", "expire", "--expire=now", "--all");
    git(root, "gc", "-q", "--prune=now");
    const store = openObjectStore(join(root, ".git"));
    const connection = await openConnection(remote);
    let acted = 0;
    await fetchBranches({
      connection,
      remote: "origin",
      gitDirectory: join(root, ".git"),
      store,
      signal,
      reflog: {
        get who() {
          if (acted++ === 0) clean("prune");
          return author;
        },
        message: "fetch",
        policy: "usual",
      },
    });
    await connection.close();
    store.close();
    expect(acted).toBeGreaterThan(0);
    expect(git(root, "show", "origin/side:theirs/7.md")).toBe("theirs 7");
    expectWhole();
  });
});

test("a commit that fails guards nothing any longer", () => {
  expect(() =>
    commitAll(() => {
      expect(keeps()).toHaveLength(1);
      throw new Error("the disk is full");
    }),
  ).toThrow("the disk is full");
  expect(keeps()).toEqual([]);
  fsck(root);
});

test("what a killed lull has left guards its pack, does no harm, and goes with a maintenance a day later", async () => {
  // A process of its own, which ends amid the commit.
  const script = `
    import { systemClock } from "${join(import.meta.dir, "../../../src/base/clock.ts")}";
    import { openObjectBatch } from "${join(import.meta.dir, "../../../src/git/objects/object-batch.ts")}";
    import { openObjectStore } from "${join(import.meta.dir, "../../../src/git/objects/object-store.ts")}";
    const batch = openObjectBatch(openObjectStore(process.argv[1]), { clock: systemClock });
    for (let n = 0; n < ${MANY}; n++) batch.write("blob", Buffer.from("blob " + n));
    batch.finish();
    process.exit(0);`;
  Bun.spawnSync([process.execPath, "-e", script, join(root, ".git")]);
  const [left = ""] = keeps();
  expect(readFileSync(join(root, ".git/objects/pack", left), "latin1")).toStartWith("lull ");
  fsck(root);
  const person = join(root, ".git/objects/pack", `pack-${"a".repeat(40)}.keep`);
  writeFileSync(person, "lull is what I keep this for\n");
  const old = statSync(join(root, ".git/objects/pack", left)).mtimeMs / 1000 - 30 * DAY;
  utimesSync(person, old, old);

  await maintain();
  expect(keeps()).toContain(left);
  const path = join(root, ".git/objects/pack", left);
  utimesSync(path, old + 28 * DAY, old + 28 * DAY);
  await maintain();
  expect(keeps()).toEqual([`pack-${"a".repeat(40)}.keep`]);
  fsck(root);
});

async function maintain(): Promise<void> {
  const repository = createGit(options).open(root);
  await repository.maintain({ dryRun: false, savepointsMs: 30 * DAY * 1000, signal });
  repository.close();
}
