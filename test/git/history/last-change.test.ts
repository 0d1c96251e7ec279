import { expect, test } from "bun:test";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { createGit } from "../../../src/git/create-git.ts";
import type { NewFile, Repository } from "../../../src/git/git.ts";
import { type FileVersion, MODE } from "../../../src/git/model.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";
import { fsck, git, temporaryDirectory } from "../../helpers/system-git.ts";

type Place = { readonly directory: string; readonly repository: Repository };

function place(): Place {
  const directory = temporaryDirectory();
  git(directory, "init", "-q", "-b", "main");
  const engine = createGit({
    clock: fakeClock(1_800_000_000_000),
    environment: { HOME: "/nonexistent", GIT_CONFIG_NOSYSTEM: "1" },
    windows: false,
  });
  return { directory, repository: engine.open(directory) };
}

/** Commits files (undefined: removed) at a time in seconds, as their author's. */
function commit(
  { directory }: Place,
  at: number,
  files: Readonly<Record<string, string | undefined>>,
): string {
  for (const [path, content] of Object.entries(files)) {
    const file = join(directory, path);
    mkdirSync(dirname(file), { recursive: true });
    if (content === undefined) rmSync(file);
    else writeFileSync(file, content);
  }
  git(directory, "add", "-A");
  const who = ["-c", "user.name=x", "-c", "user.email=y"];
  git(directory, ...who, "commit", "-q", "--allow-empty", "-m", "x", `--date=${at} +0000`);
  return git(directory, "rev-parse", "HEAD");
}

test("each side's own last change of a path counts, a removal too; what both have does not", () => {
  const here = place();
  const { directory, repository } = here;
  const base = commit(here, 1_700_000_000, { "dir/a": "base", b: "base" });
  commit(here, 1_700_000_100, { "dir/a": "ours" });
  const ours = commit(here, 1_700_000_200, { c: "other" });
  git(directory, "checkout", "-q", "-b", "side", base);
  const theirs = commit(here, 1_700_000_300, { "dir/a": undefined });
  const ask = (path: string, tip: string, known: string) => repository.lastChange({ path, tip, known });
  expect(ask("dir/a", ours, theirs)).toBe(1_700_000_100);
  expect(ask("dir/a", theirs, ours)).toBe(1_700_000_300);
  expect(ask("c", ours, theirs)).toBe(1_700_000_200);
  expect(ask("b", ours, theirs)).toBeUndefined();
  expect(ask("nowhere", ours, theirs)).toBeUndefined();
  expect(repository.newCommits(ours, theirs, 10).map(({ author }) => author.seconds)).toEqual([
    1_700_000_200, 1_700_000_100,
  ]);
  expect(repository.newCommits(ours, undefined, 2)).toHaveLength(2);
  repository.close();
});

test("a merge changed a path only if it made something of its own there", () => {
  const here = place();
  const { directory, repository } = here;
  const base = commit(here, 1_700_000_000, { a: "base", b: "base" });
  git(directory, "checkout", "-q", "-b", "side", base);
  commit(here, 1_700_000_100, { a: "side" });
  git(directory, "checkout", "-q", "main");
  commit(here, 1_700_000_200, { b: "main" });
  git(directory, "-c", "user.name=x", "-c", "user.email=y", "merge", "-q", "--no-edit", "side");
  const tip = git(directory, "rev-parse", "HEAD");
  expect(repository.lastChange({ path: "a", tip, known: base })).toBe(1_700_000_100);
  expect(repository.lastChange({ path: "b", tip, known: base })).toBe(1_700_000_200);
  repository.close();
});

test("a commit that is made in memory holds its edits, and nothing moves until it is checked out", () => {
  const here = place();
  const { directory, repository } = here;
  const parent = commit(here, 1_700_000_000, { a: "a\n", "dir/b": "b\n", c: "c\n" });
  const known = repository.versionAt(parent, "a");
  const author = { name: "x", email: "y", seconds: 1_700_000_500, offsetMinutes: 0 };
  const made = repository.editCommit({
    parent,
    edits: new Map<string, FileVersion | NewFile | undefined>([
      ["new/copy", known],
      ["dir/b", undefined],
      ["c", { mode: MODE.executable, bytes: Buffer.from("new\n") }],
    ]),
    message: "edit",
    author,
  });
  expect(git(directory, "rev-parse", "HEAD")).toBe(parent);
  expect(git(directory, "status", "--porcelain")).toBe("");
  expect(git(directory, "ls-tree", "-r", "--format=%(objectmode) %(path)", made)).toBe(
    "100644 a\n100755 c\n100644 new/copy",
  );
  const from = { branch: "refs/heads/main", commit: parent };
  const { signal } = new AbortController();
  expect(repository.checkout({ from, target: made, reason: "test", signal }).kind).toBe("done");
  expect(git(directory, "status", "--porcelain")).toBe("");
  const empty = repository.editCommit({ parent: made, edits: new Map(), message: "nothing", author });
  expect(
    repository.checkout({ from: { ...from, commit: made }, target: empty, reason: "t", signal }).kind,
  ).toBe("done");
  expect(git(directory, "log", "--format=%s")).toBe("nothing\nedit\nx");
  repository.close();
  fsck(directory);
});
