import { expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";

import { git, temporaryDirectory } from "../../helpers/system-git.ts";
import { checkOut, commitFiles, expectCheckedOut, newRepository, startAt } from "./fixture.ts";
import { cannotRun } from "../../helpers/skip.ts";

/** Everything that git's own checkout of a commit leaves on disk: kinds, exec bits, link targets and content. */
function picture(root: string): string {
  const list = "find . -mindepth 1 -name .git -prune -o -printf '%y %m %P -> %l\\n' | sort";
  const hashes = "find . -mindepth 1 -name .git -prune -o -type f -print0 | sort -z | xargs -0r sha1sum";
  return Bun.spawnSync(["sh", "-c", `${list}; ${hashes}`], { cwd: root }).stdout.toString("latin1");
}

function expectSameAsGit(root: string, commit: string): void {
  const other = join(temporaryDirectory(), "w");
  git(root, "worktree", "add", "-q", "--detach", other, commit);
  expect(picture(root)).toBe(picture(other));
  git(root, "worktree", "remove", "--force", other);
}

function randomFrom(start: number): (below: number) => number {
  let seed = start;
  return (below) => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor((seed / 2 ** 31) * below);
  };
}

/** A tree in which files, folders, links and exec bits change places often. */
function randomFiles(random: (below: number) => number): Record<string, string> {
  const files = new Map<string, string>();
  for (let count = random(14); count >= 0; count--) {
    const path = Array.from({ length: 1 + random(3) }, () => "abc\xe9"[random(4)] ?? "").join("/");
    const clash = [...files.keys()].some((other) => {
      const plain = other.replace(/\*$/, "");
      return plain === path || plain.startsWith(`${path}/`) || path.startsWith(`${plain}/`);
    });
    if (clash) continue;
    const kind = random(6);
    files.set(kind === 0 ? `${path}*` : path, kind === 1 ? `->${"ab"[random(2)]}` : `${random(3)}\n`);
  }
  return Object.fromEntries(files);
}

test("random trees are checked out as git does, one after the other, starting with seed 7", () => {
  const random = randomFrom(7);
  const root = newRepository();
  let commit = commitFiles(root, randomFiles(random));
  startAt(root, commit);
  for (let round = 0; round < 60; round++) {
    commit = commitFiles(root, randomFiles(random), commit);
    expect(checkOut(root, commit).kind).toBe("done");
    if (round % 6 === 0) expectSameAsGit(root, commit);
    expect(git(root, "status", "--porcelain", "--ignored")).toBe("");
  }
  expectCheckedOut(root, commit);
}, 60_000);

test.skipIf(
  cannotRun(!existsSync(join(import.meta.dir, "../../../.git")), "this copy of the project has no history"),
)(
  "the history of this project is walked from its first commit to its last and back",
  () => {
    const root = join(temporaryDirectory(), "clone");
    const project = join(import.meta.dir, "../../..");
    git(project, "clone", "-q", "--no-hardlinks", project, root);
    const commits = git(root, "rev-list", "--reverse", "HEAD").split("\n");
    git(root, "branch", "-q", "-M", "main");
    startAt(root, commits[0] ?? "");
    const stops = [0.3, 0.6, 1, 0.5, 0].map((part) => commits[Math.floor(part * (commits.length - 1))] ?? "");
    for (const commit of stops) {
      expect(checkOut(root, commit).kind).toBe("done");
      expect(git(root, "status", "--porcelain", "--ignored")).toBe("");
      expectSameAsGit(root, commit);
    }
    expectCheckedOut(root, stops.at(-1) ?? "");
  },
  60_000,
);
