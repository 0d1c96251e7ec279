/** The marks that git leaves in its directory while a command or an operation of the user is not finished. */
import { lstatSync } from "node:fs";

import type { Clock } from "../../base/clock.ts";
import { formatDuration } from "../../base/duration.ts";
import { systemCode } from "../../base/errors.ts";
import { type Oid, shortRef } from "../model.ts";
import { GitDirectoryListing } from "./git-directory-listing.ts";
import { isAbandonedLock } from "./lock-marks.ts";
import { refPath } from "./ref-name.ts";
import type { RepositoryState } from "./repository-state.ts";

type Busy = Extract<RepositoryState, { readonly kind: "busy" }>;

/** In the order in which they explain the state best: a rebase leaves several of them. */
const OPERATIONS: readonly (readonly [file: string, what: string, hint: string])[] = [
  [
    "rebase-merge",
    "a rebase",
    "finish it with `git rebase --continue` or give it up with `git rebase --abort`",
  ],
  [
    "rebase-apply/applying",
    "`git am`",
    "finish it with `git am --continue` or give it up with `git am --abort`",
  ],
  [
    "rebase-apply",
    "a rebase",
    "finish it with `git rebase --continue` or give it up with `git rebase --abort`",
  ],
  ["MERGE_HEAD", "a merge", "finish it with `git commit` or give it up with `git merge --abort`"],
  [
    "CHERRY_PICK_HEAD",
    "a cherry-pick",
    "finish it with `git cherry-pick --continue` or give it up with `--abort`",
  ],
  ["REVERT_HEAD", "a revert", "finish it with `git revert --continue` or give it up with `--abort`"],
  [
    "sequencer",
    "a series of cherry-picks or reverts",
    "finish it with `git cherry-pick --continue` or give it up with `--abort`",
  ],
  ["BISECT_LOG", "a bisect", "end it with `git bisect reset`"],
  ["BISECT_START", "a bisect", "end it with `git bisect reset`"],
];

export function busySign(gitDirectory: string, listing: GitDirectoryListing, clock: Clock): Busy | undefined {
  for (const name of ["index.lock", "HEAD.lock"]) {
    const held = listing.has(name) ? heldLock(gitDirectory, name, clock) : undefined;
    if (held !== undefined) return held;
  }
  return unfinishedOperation(gitDirectory, listing);
}

/** A lock that is older belongs to a long command, or to none any more. */
const BRIEF_MS = 5000;

export function lockedBranch(gitDirectory: string, branch: string, clock: Clock): Busy | undefined {
  return heldLock(gitDirectory, `${branch}.lock`, clock);
}

function heldLock(gitDirectory: string, name: string, clock: Clock): Busy | undefined {
  const lock = refPath(gitDirectory, name);
  const changed = modifiedAt(lock);
  // A lock that a killed lull left is no sign of the user's git; whoever needs it takes it away.
  if (changed === undefined || isAbandonedLock(gitDirectory, lock)) return undefined;
  const age = Math.max(0, clock.now() - changed);
  return {
    ...busy(
      `another git command is at work here (${name}, since ${formatDuration(age)})`,
      `let it end; if none is running, remove ${gitDirectory}/${name}`,
    ),
    isBrief: age < BRIEF_MS,
  };
}

/** An operation of several steps that waits for the user; locks, which last for a moment, do not count. */
export function unfinishedOperation(
  gitDirectory: string,
  listing = new GitDirectoryListing(gitDirectory),
): Busy | undefined {
  for (const [file, what, hint] of OPERATIONS) {
    const slash = file.indexOf("/");
    const isThere =
      listing.has(slash < 0 ? file : file.slice(0, slash)) &&
      (slash < 0 || modifiedAt(`${gitDirectory}/${file}`) !== undefined);
    if (isThere) return busy(`${what} is in progress`, hint);
  }
  return undefined;
}

export function unfinishedConflicts(): Busy {
  return busy(
    "some files have conflicts that are not resolved yet",
    "`git status` lists them; resolve them, then `git add` and `git commit`",
  );
}

export function detachedHead(commit: Oid | undefined): Busy {
  const where = commit === undefined ? "nothing" : commit.slice(0, 10);
  return busy(
    `no branch is checked out (HEAD is detached at ${where})`,
    "check out a branch: git switch <branch>",
  );
}

export function checkedOutTwice(branch: string, folder: string): Busy {
  return busy(
    `the branch ${shortRef(branch)} is checked out in another work tree as well, ${folder}`,
    "check out another branch in one of the two: git switch <branch>",
  );
}

function busy(reason: string, hint: string): Busy {
  return { kind: "busy", reason, hint };
}

function modifiedAt(path: string | Buffer): number | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  } catch (error) {
    if (systemCode(error) === "ENOTDIR") return undefined;
    throw error;
  }
}
