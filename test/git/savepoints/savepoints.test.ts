/** What a savepoint holds, against system git. */
import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createGit } from "../../../src/git/create-git.ts";
import type { Savepoint } from "../../../src/git/git.ts";
import type { Signature } from "../../../src/git/model.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";

const signal = new AbortController().signal;
const clock = fakeClock(Date.UTC(2026, 2, 1, 14, 5, 9));
const author: Signature = { name: "Ada", email: "ada@example.com", seconds: 1_772_373_909, offsetMinutes: 0 };
const note = { source: "notes", before: "a sync" };

function setUp() {
  const directory = join(temporaryDirectory(), "work");
  const engine = createGit({
    clock,
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
  });
  engine.init(directory, { bare: false, branch: "main" });
  const repository = engine.open(directory);
  const write = (path: string, content: string): void => {
    mkdirSync(join(directory, path, ".."), { recursive: true });
    writeFileSync(join(directory, path), content);
  };
  const changed = () => repository.scan({ signal }).changes.map(({ path }) => path);
  const taken: Savepoint[] = [];
  const commit = (message: string) =>
    repository.commit({
      paths: changed(),
      message,
      author,
      signal,
      savepoint: { ...note, taken: (savepoint) => taken.push(savepoint) },
    });
  return { directory, repository, write, changed, commit, taken };
}

const treeOf = (directory: string, revision: string): string =>
  git(directory, "ls-tree", "-r", "--format=%(objectmode) %(path)", revision);

test("a commit takes one in passing, of branch, index and work tree", () => {
  const { directory, repository, write, commit, taken } = setUp();
  write("a.md", "one\n");
  const first = commit("first");
  expect(taken[0]).toMatchObject({
    ...note,
    name: "20260301T140509Z",
    branch: "refs/heads/main",
    head: undefined,
  });
  expect(git(directory, "log", "-1", "--format=%P", taken[0]?.commit ?? "")).toBe("");

  write("a.md", "staged\n");
  git(directory, "add", "a.md");
  write("a.md", "in the folder\n");
  write("new/b.md", "untracked\n");
  write(".gitignore", "secret\n");
  write("secret", "ignored\n");
  commit("second");
  const [, savepoint] = taken;
  expect(savepoint).toMatchObject({ name: "20260301T140509Z-2", head: first });
  const { commit: picture = "", index = "" } = savepoint ?? {};
  expect(git(directory, "show", `${picture}:a.md`)).toBe("in the folder");
  expect(git(directory, "show", `${index}:a.md`)).toBe("staged");
  expect(treeOf(directory, picture)).toBe("100644 .gitignore\n100644 a.md\n100644 new/b.md");
  expect(git(directory, "log", "-1", "--format=%P", picture)).toBe(`${first} ${index}`);
  // One commit for the picture, one for what was staged: everything else the history has, too.
  expect(git(directory, "rev-parse", `${picture}^{tree}`)).toBe(git(directory, "rev-parse", "HEAD^{tree}"));
  expect(repository.savepoints()).toEqual([savepoint, taken[0]].filter((one) => one !== undefined));
  fsck(directory);
  git(directory, "gc", "-q", "--prune=now");
  expect(git(directory, "show", `${index}:a.md`)).toBe("staged");
});

test("what is staged and in no file any more is kept, though there is nothing to commit", () => {
  const { directory, write, commit, taken } = setUp();
  write("a.md", "one\n");
  commit("first");
  write("a.md", "only staged\n");
  git(directory, "add", "a.md");
  write("a.md", "one\n");
  expect(commit("nothing")).toBeUndefined();
  expect(git(directory, "show", `${taken[1]?.index}:a.md`)).toBe("only staged");
  expect(commit("nothing again")).toBeUndefined();
  expect(taken).toHaveLength(2);
});

test("one can be taken by itself: nothing of branch, index and folder changes", () => {
  const { directory, repository, write, commit, changed } = setUp();
  write("a.md", "one\n");
  write("gone.md", "two\n");
  commit("first");
  write("a.md", "staged\n");
  git(directory, "add", "a.md");
  write("a.md", "uncommitted\n");
  write("new.md", "untracked\n");
  rmSync(join(directory, "gone.md"));
  const before = [git(directory, "status", "--porcelain"), git(directory, "rev-parse", "HEAD")];
  const savepoint = repository.savepoint({ note, paths: changed(), author, signal });
  expect([git(directory, "status", "--porcelain"), git(directory, "rev-parse", "HEAD")]).toEqual(before);
  expect(treeOf(directory, savepoint.commit)).toBe("100644 a.md\n100644 new.md");
  expect(git(directory, "show", `${savepoint.commit}:a.md`)).toBe("uncommitted");
  expect(git(directory, "show", `${savepoint.index}:a.md`)).toBe("staged");
  expect(git(directory, "for-each-ref", "--format=%(refname)", "refs/lull")).toContain(savepoint.name);
  fsck(directory);
});

test("the empty tree is there when something needs it, and only then", () => {
  const { directory, write, commit, taken } = setUp();
  write("a.md", "one\n");
  commit("first");
  const isThere = (): boolean =>
    git(directory, "cat-file", "--batch-all-objects", "--batch-check").includes("4b825dc");
  expect(isThere()).toBe(false);
  git(directory, "rm", "-q", "--cached", "a.md");
  write("a.md", "two\n");
  commit("second");
  expect(git(directory, "ls-tree", "-r", taken[1]?.index ?? "")).toBe("");
  expect(isThere()).toBe(true);
  fsck(directory);
});

test("an index that names a lost object does not keep the rest from being saved", () => {
  const { directory, write, commit, taken } = setUp();
  write("a.md", "one\n");
  commit("first");
  write("a.md", "staged\n");
  git(directory, "add", "a.md");
  const oid = git(directory, "rev-parse", ":a.md");
  rmSync(join(directory, ".git/objects", oid.slice(0, 2), oid.slice(2)));
  write("a.md", "in the folder\n");
  expect(commit("second")).toBeDefined();
  expect(taken[1]?.index).toBeUndefined();
  fsck(directory);
});

test.each([
  ["HEAD", "HEAD"],
  ["main", "HEAD"],
  ["refs/heads/main", "HEAD"],
  ["v1", "HEAD~1"],
  ["HEAD~", "HEAD~1"],
  ["HEAD^^", "HEAD~2"],
  ["main~2", "HEAD~2"],
])("finds the revision %s as git does", (text, same) => {
  const { directory, repository, write, commit } = setUp();
  for (const content of ["one\n", "two\n", "three\n"]) {
    write("a.md", content);
    commit(content.trim());
  }
  git(directory, "tag", "-a", "v1", "-m", "first", "HEAD~1");
  const wanted = git(directory, "rev-parse", same);
  expect(repository.findRevision(text)).toBe(wanted);
  expect(repository.findRevision(wanted.slice(0, 10))).toBe(wanted);
  for (const nothing of ["HEAD~9", "nothing", "", "~", "0000000000", `${wanted}:a.md`])
    expect(repository.findRevision(nothing)).toBeUndefined();
});

test("of many that are taken within one second the last is the newest", () => {
  const { repository, write, commit } = setUp();
  write("a.md", "one\n");
  commit("first");
  for (let number = 2; number <= 12; number++) repository.savepoint({ note, paths: [], author, signal });
  const names = repository.savepoints().map(({ name }) => name);
  expect(names).toEqual([
    ...Array.from({ length: 11 }, (_, index) => `20260301T140509Z-${12 - index}`),
    "20260301T140509Z",
  ]);
});
