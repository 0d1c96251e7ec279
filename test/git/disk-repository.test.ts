/** The engine behind its interface, against system git: what one operation leaves must be what git would find right. */
import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";

import { writeJournal } from "../../src/git/checkout/journal.ts";
import { createGit } from "../../src/git/create-git.ts";
import type { Repository } from "../../src/git/git.ts";
import type { Signature } from "../../src/git/model.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fsck, git, temporaryDirectory } from "../helpers/system-git.ts";

const signal = new AbortController().signal;
const author: Signature = {
  name: "Ada",
  email: "ada@example.com",
  seconds: 1_800_000_000,
  offsetMinutes: 60,
};

function engine(environment: Readonly<Record<string, string>> = {}) {
  return createGit({
    clock: fakeClock(1_800_000_000_000),
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1", ...environment },
    windows: false,
  });
}

function repository(): { readonly directory: string; readonly open: () => Repository } {
  const directory = join(temporaryDirectory(), "work");
  engine().init(directory, { bare: false, branch: "main" });
  return { directory, open: () => engine().open(directory) };
}

function commitAll(opened: Repository, message = "all"): string | undefined {
  const { changes } = opened.scan({ signal });
  return opened.commit({ paths: changes.map((change) => change.path), message, author, signal });
}

function checkOut(opened: Repository, target: string, reason: string) {
  const state = opened.state();
  if (state.kind !== "ready") throw new Error(`the repository is ${state.kind}`);
  return opened.checkout({ from: state.head, target, reason, signal });
}

test("a commit is what git would have made of the same files", () => {
  const { directory, open } = repository();
  writeFileSync(join(directory, "a.md"), "a\n");
  mkdirSync(join(directory, "bin"));
  writeFileSync(join(directory, "bin/run"), "#!/bin/sh\n");
  chmodSync(join(directory, "bin/run"), 0o755);
  symlinkSync("a.md", join(directory, "link"));
  const opened = open();
  const oid = commitAll(opened, "first\n\nbody");
  expect(git(directory, "rev-parse", "HEAD")).toBe(oid ?? "no commit");
  expect(git(directory, "log", "-1", "--format=%an <%ae> %at %ai|%B")).toBe(
    "Ada <ada@example.com> 1800000000 2027-01-15 09:00:00 +0100|first\n\nbody",
  );
  expect(git(directory, "status", "--porcelain")).toBe("");
  expect(
    git(directory, "ls-tree", "-r", "HEAD")
      .split("\n")
      .map((line) => line.slice(0, 6)),
  ).toEqual(["100644", "100755", "120000"]);
  expect(git(directory, "reflog", "-1", "--format=%gs")).toBe("commit (initial): first");
  fsck(directory);
  opened.close();
});

test("nothing to commit makes no commit, and an empty folder no root commit", () => {
  const { directory, open } = repository();
  const opened = open();
  expect(commitAll(opened)).toBeUndefined();
  expect(opened.readRef("refs/heads/main")).toBeUndefined();
  writeFileSync(join(directory, "a"), "a");
  expect(commitAll(opened)).toBeDefined();
  expect(commitAll(opened)).toBeUndefined();
  opened.close();
});

test("what is staged but not committed shows up in the scan, also a staged removal", () => {
  const { directory, open } = repository();
  for (const name of ["changed", "removed", "mode"]) writeFileSync(join(directory, name), name);
  const opened = open();
  commitAll(opened);
  writeFileSync(join(directory, "changed"), "staged");
  chmodSync(join(directory, "mode"), 0o755);
  writeFileSync(join(directory, "added"), "staged");
  git(directory, "add", ".");
  git(directory, "rm", "-q", "removed");
  expect(opened.scan({ signal }).changes).toEqual([
    { path: "added", kind: "added" },
    { path: "changed", kind: "modified" },
    { path: "mode", kind: "mode-changed" },
    { path: "removed", kind: "deleted" },
  ]);
  commitAll(opened);
  expect(git(directory, "status", "--porcelain")).toBe("");
  expect(git(directory, "show", "--format=", "--name-status", "HEAD")).toBe(
    "A\tadded\nM\tchanged\nM\tmode\nD\tremoved",
  );
  opened.close();
});

test("files that an interrupted checkout left are not taken for edits, edits beside them are", () => {
  const { directory, open } = repository();
  writeFileSync(join(directory, "one"), "old");
  writeFileSync(join(directory, "two"), "old");
  writeFileSync(join(directory, "gone"), "old");
  const opened = open();
  commitAll(opened);
  const before = git(directory, "rev-parse", "HEAD");
  git(directory, "checkout", "-qb", "target");
  writeFileSync(join(directory, "one"), "new");
  writeFileSync(join(directory, "two"), "new");
  rmSync(join(directory, "gone"));
  mkdirSync(join(directory, "gone"));
  writeFileSync(join(directory, "gone/inner"), "new");
  git(directory, "add", "-A");
  git(directory, "commit", "-qm", "target");
  const target = git(directory, "rev-parse", "HEAD");
  const tree = git(directory, "rev-parse", "HEAD^{tree}");
  git(directory, "checkout", "-q", "main");
  // As a crash would leave it: some of the new tree stands, the journal says so, the branch is where it was.
  writeJournal(join(directory, ".git"), { branch: "refs/heads/main", from: before, trees: [tree] });
  writeFileSync(join(directory, "one"), "new");
  rmSync(join(directory, "gone"));
  mkdirSync(join(directory, "gone"));
  writeFileSync(join(directory, "gone/inner"), "new");
  writeFileSync(join(directory, "two"), "the person's edit");
  expect(opened.scan({ signal }).changes).toEqual([{ path: "two", kind: "modified" }]);
  writeFileSync(join(directory, "two"), "old");
  expect(checkOut(opened, target, "again")).toMatchObject({ kind: "done" });
  expect(git(directory, "rev-parse", "main")).toBe(target);
  expect(git(directory, "status", "--porcelain")).toBe("");
  expect(existsSync(join(directory, ".git/lull/checkout.json"))).toBe(false);
  opened.close();
});

test("the identity follows git's config, the branch's own included", () => {
  const { directory, open } = repository();
  expect(open().identity()).toBeUndefined();
  writeFileSync(join(directory, ".git/work"), "[user]\n\tname = Work Ada\n\temail = ada@work.example\n");
  git(directory, "config", "includeIf.onbranch:main.path", "work");
  expect(open().identity()).toEqual({ name: "Work Ada", email: "ada@work.example" });
  const byEnvironment = engine({ GIT_AUTHOR_NAME: "Env", GIT_AUTHOR_EMAIL: "env@example.com" });
  expect(byEnvironment.open(directory).identity()).toEqual({ name: "Env", email: "env@example.com" });
});

test("remotes are read and set as git does", () => {
  const { directory, open } = repository();
  const opened = open();
  expect(opened.remotes()).toEqual([]);
  opened.setRemote("origin", "https://example.com/a.git");
  expect(opened.remotes()).toEqual([{ name: "origin", url: "https://example.com/a.git" }]);
  expect(git(directory, "config", "remote.origin.fetch")).toBe("+refs/heads/*:refs/remotes/origin/*");
});

test("line ends are converted on the way in and out, and a diff shows what git stores", () => {
  const { directory, open } = repository();
  writeFileSync(join(directory, ".gitattributes"), "*.txt text eol=crlf\n");
  writeFileSync(join(directory, "a.txt"), "one\r\ntwo\r\n");
  const opened = open();
  const first = commitAll(opened);
  expect(git(directory, "cat-file", "blob", "HEAD:a.txt")).toBe("one\ntwo");
  expect(Buffer.from(opened.readWorkFile("a.txt") ?? []).toString()).toBe("one\ntwo\n");
  expect(opened.readWorkFile("nowhere")).toBeUndefined();
  writeFileSync(join(directory, "a.txt"), "three\r\n");
  commitAll(opened);
  git(directory, "branch", "-f", "back", first ?? "");
  git(directory, "symbolic-ref", "HEAD", "refs/heads/main");
  expect(checkOut(opened, first ?? "", "back").kind).toBe("done");
  expect(readFileSync(join(directory, "a.txt"), "utf8")).toBe("one\r\ntwo\r\n");
  expect(git(directory, "status", "--porcelain")).toBe("");
  opened.close();
});

test("history and differences are told as git tells them", () => {
  const { directory, open } = repository();
  writeFileSync(join(directory, "a"), "1");
  const opened = open();
  const first = commitAll(opened, "first") ?? "";
  writeFileSync(join(directory, "b"), "2");
  rmSync(join(directory, "a"));
  const second = commitAll(opened, "second") ?? "";
  expect(opened.log(second, 10).map((commit) => commit.message)).toEqual(["second\n", "first\n"]);
  expect(opened.countCommits(second)).toBe(2);
  expect(opened.relate(second, first)).toEqual({ kind: "ahead", commits: 1 });
  expect(
    opened
      .compare(first, second)
      .map(({ path, before, after }) => [path, before !== undefined, after !== undefined]),
  ).toEqual([
    ["a", true, false],
    ["b", false, true],
  ]);
  expect(opened.compare(undefined, first)).toHaveLength(1);
  expect(opened.readCommit(second)).toMatchObject({ parents: [first], author });
  expect(Buffer.from(opened.readBlob(git(directory, "rev-parse", "HEAD:b"))).toString()).toBe("2");
  expect(opened.indexVersion("b")?.mode).toBe(0o100644);
  expect(opened.indexVersion("a")).toBeUndefined();
  expect(opened.state()).toEqual({ kind: "ready", head: { branch: "refs/heads/main", commit: second } });
  opened.close();
});

test("a repository that stops being ready is not touched any more", () => {
  const { directory, open } = repository();
  writeFileSync(join(directory, "a"), "1");
  const opened = open();
  commitAll(opened);
  const head = git(directory, "rev-parse", "HEAD");
  git(directory, "checkout", "-q", "--detach");
  writeFileSync(join(directory, "a"), "2");
  expect(() => opened.scan({ signal })).toThrow(/detached/i);
  rmSync(join(directory, ".git"), { recursive: true });
  expect(() => opened.commit({ paths: ["a"], message: "x", author, signal })).toThrow(/not ready any more/);
  expect(head).toHaveLength(40);
});

test("a log policy of the repository is honoured", () => {
  const { directory, open } = repository();
  git(directory, "config", "core.logAllRefUpdates", "false");
  writeFileSync(join(directory, "a"), "1");
  commitAll(open());
  expect(existsSync(join(directory, ".git/logs/refs/heads/main"))).toBe(false);
  git(directory, "config", "core.logAllRefUpdates", "always");
  writeFileSync(join(directory, "a"), "2");
  commitAll(open());
  expect(existsSync(join(directory, ".git/logs/refs/heads/main"))).toBe(true);
});

test("hints narrow a scan of an open repository, until git or a commit changes the index", () => {
  const { directory, open } = repository();
  for (const name of ["a", "b", "c"]) {
    mkdirSync(join(directory, name));
    writeFileSync(join(directory, name, "file"), "1\n");
  }
  const opened = open();
  commitAll(opened);
  // Files and index are as young as each other; git writes an index that vouches for them.
  utimesSync(join(directory, "a/file"), 1, 1);
  utimesSync(join(directory, "b/file"), 1, 1);
  git(directory, "add", "-A");
  const scan = (hints?: readonly string[]) => opened.scan({ signal, hints }).changes.map(({ path }) => path);
  expect(scan()).toEqual([]);
  for (const name of ["a", "b"]) writeFileSync(join(directory, name, "file"), "2\n");
  expect(scan(["a"])).toEqual(["a/file"]);
  expect(scan(["b/file"])).toEqual(["a/file", "b/file"]);
  git(directory, "add", "a");
  rmSync(join(directory, "c"), { recursive: true });
  expect(scan([])).toEqual(["a/file", "b/file", "c/file"]);
  expect(commitAll(opened)).toBeDefined();
  writeFileSync(join(directory, "b/file"), "3\n");
  expect(scan([])).toEqual(["b/file"]);
});
