import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { checkedOutCommit } from "../../scripts/gate/git-commit.ts";
import { git, temporaryDirectory } from "../helpers/system-git.ts";

function repository(): { readonly directory: string; readonly commit: string } {
  const directory = join(temporaryDirectory(), "r");
  git(".", "init", "-q", directory);
  git(directory, "commit", "-q", "--allow-empty", "-m", "a");
  return { directory, commit: git(directory, "rev-parse", "HEAD") };
}

test("the commit of a branch is read, loose and packed", () => {
  const { directory, commit } = repository();
  expect(checkedOutCommit(directory)).toBe(commit);
  git(directory, "pack-refs", "--all");
  expect(checkedOutCommit(directory)).toBe(commit);
});

test("a detached HEAD names its commit", () => {
  const { directory, commit } = repository();
  git(directory, "checkout", "-q", "--detach");
  expect(checkedOutCommit(directory)).toBe(commit);
});

test("a linked work tree has the commit of its own branch", () => {
  const { directory, commit } = repository();
  const linked = join(directory, "..", "linked");
  git(directory, "worktree", "add", "-q", "-b", "other", linked);
  git(directory, "commit", "-q", "--allow-empty", "-m", "b");
  expect(checkedOutCommit(linked)).toBe(commit);
});

test("without a commit or a repository there is none", () => {
  const directory = temporaryDirectory();
  expect(checkedOutCommit(directory)).toBeUndefined();
  git(directory, "init", "-q");
  expect(checkedOutCommit(directory)).toBeUndefined();
  writeFileSync(join(directory, ".git/HEAD"), "nonsense");
  expect(checkedOutCommit(directory)).toBeUndefined();
});
