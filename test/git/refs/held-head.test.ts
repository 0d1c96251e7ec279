import { beforeEach, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { refuseMovedHead } from "../../../src/git/refs/held-head.ts";
import type { Head } from "../../../src/git/refs/repository-state.ts";
import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { thrown } from "../../helpers/thrown.ts";

let root: string;
let head: Head;

beforeEach(() => {
  root = temporaryDirectory();
  git(root, "init", "-q");
  git(root, "commit", "-q", "--allow-empty", "-m", "one");
  head = { branch: "refs/heads/main", commit: git(root, "rev-parse", "HEAD") };
});

function refusal() {
  return thrown(() => refuseMovedHead(join(root, ".git"), head));
}

test("a HEAD that stayed is accepted, also one without a commit", () => {
  refuseMovedHead(join(root, ".git"), head);
  git(root, "symbolic-ref", "HEAD", "refs/heads/unborn");
  refuseMovedHead(join(root, ".git"), { branch: "refs/heads/unborn", commit: undefined });
});

test("a commit that came in between is told, and so is another branch", () => {
  git(root, "commit", "-q", "--allow-empty", "-m", "two");
  expect(refusal()).toMatchObject({
    code: "REF_CHANGED",
    message: expect.stringContaining("moved meanwhile"),
  });
  git(root, "checkout", "-q", "-b", "other");
  expect(refusal().message).toContain("another branch was checked out meanwhile");
});

test("an operation that was begun in between is told", () => {
  mkdirSync(join(root, ".git/rebase-merge"));
  expect(refusal()).toMatchObject({ code: "REPOSITORY_BUSY", message: "a rebase is in progress" });
});
