/**
 * The preflight: may lull work in this folder? Everything that the engine does not understand is refused here, before
 * the first write; whatever the user's own git has begun is left alone. Not one byte changes.
 */
import { systemClock } from "../../base/clock.ts";
import type { Clock } from "../../base/clock.ts";
import { LullError } from "../../base/errors.ts";
import { branchOf } from "../model.ts";
import { readIndex } from "../worktree/index-file.ts";
import { busySign, checkedOutTwice, detachedHead, lockedBranch, unfinishedConflicts } from "./busy-signs.ts";
import { commonDirectory } from "./common-directory.ts";
import type { FoundRepository } from "./find-repository.ts";
import { findRepository } from "./find-repository.ts";
import { GitDirectoryListing } from "./git-directory-listing.ts";
import { otherWorkTreeOn } from "./other-work-trees.ts";
import { readRef } from "./ref-store.ts";
import {
  hasSharedIndex,
  otherFileSystem,
  splitIndex,
  unsafeOwnership,
  unsupportedFormat,
} from "./repository-format.ts";
import type { IndexTable } from "../worktree/index-table.ts";
import type { RepositoryState } from "./repository-state.ts";

/**
 * @param read how the index is read; whoever keeps it can spare reading it again
 * @throws LullError by the system's code when something there cannot be read
 */
export function inspectRepository(
  directory: string,
  clock: Clock = systemClock,
  read: (gitDirectory: string) => IndexTable = readIndex,
): RepositoryState {
  const found = findRepository(directory);
  if (found.kind !== "work-tree" && found.kind !== "linked-work-tree") return withoutWorkTree(found);
  const { gitDirectory } = found;
  try {
    const listing = new GitDirectoryListing(gitDirectory);
    const common = commonDirectory(gitDirectory);
    const shared = common === gitDirectory ? listing : new GitDirectoryListing(common);
    return (
      unsafeOwnership(directory, gitDirectory) ??
      (found.kind === "linked-work-tree" ? otherFileSystem(directory, gitDirectory) : undefined) ??
      unsupportedFormat(gitDirectory, shared) ??
      busySign(gitDirectory, listing, clock) ??
      unlessTaken(gitDirectory, headState(gitDirectory, read), { clock, shared })
    );
  } catch (error) {
    // A damaged ref, index or config is a state of the repository; the error's own words say which and what to do.
    const damaged = ["REF_BROKEN", "INDEX_CORRUPT", "GIT_CONFIG_INVALID", "UNSUPPORTED_REPOSITORY"];
    if (!(error instanceof LullError) || !damaged.includes(error.code)) throw error;
    if (error.code === "INDEX_CORRUPT" && hasSharedIndex(gitDirectory)) return splitIndex();
    return { kind: "unsupported", feature: error.message, hint: error.hint ?? "check it with `git fsck`" };
  }
}

function headState(gitDirectory: string, read: (gitDirectory: string) => IndexTable): RepositoryState {
  const head = readRef(gitDirectory, "HEAD");
  if (head?.kind !== "symbolic") return detachedHead(head?.oid);
  if (branchOf(head.target) === undefined) {
    return {
      kind: "unsupported",
      feature: `HEAD is on ${head.target}, which is no branch`,
      hint: "check out a branch: git switch <branch>",
    };
  }
  if (read(gitDirectory).hasConflicts) return unfinishedConflicts();
  const branch = readRef(gitDirectory, head.target);
  if (branch?.kind === "symbolic") {
    return {
      kind: "unsupported",
      feature: `the branch ${head.target} is a symbolic ref to ${branch.target}`,
      hint: "check out the branch that it stands for",
    };
  }
  return { kind: "ready", head: { branch: head.target, commit: branch?.oid } };
}

/**
 * Somebody else's lock on the branch is found here, not when all but the branch has been written; and so is another
 * work tree on the same branch, which would look as if all that lull brings had been deleted there.
 */
function unlessTaken(
  gitDirectory: string,
  state: RepositoryState,
  { clock, shared }: { readonly clock: Clock; readonly shared: GitDirectoryListing },
): RepositoryState {
  if (state.kind !== "ready") return state;
  const { branch } = state.head;
  const other = shared.has("worktrees") ? otherWorkTreeOn(gitDirectory, branch) : undefined;
  return other === undefined
    ? (lockedBranch(gitDirectory, branch, clock) ?? state)
    : checkedOutTwice(branch, other);
}

function withoutWorkTree(
  found: Exclude<FoundRepository, { readonly gitDirectory: string; readonly kind: `${string}work-tree` }>,
): RepositoryState {
  switch (found.kind) {
    case "missing":
      return { kind: "missing" };
    case "none":
      if (found.headless !== undefined) return withoutHead(found.headless);
      return { kind: "not-a-repository", reason: found.reason, isEmpty: found.isEmpty };
    case "bare":
      return {
        kind: "unsupported",
        feature: "it is a bare repository, which has no files to sync",
        hint: "clone it somewhere and sync that folder; a bare repository can serve as a remote",
      };
    case "linked":
      return {
        kind: "unsupported",
        feature: `its .git is a file that points to ${found.target} (${linkKind(found.target)})`,
        hint: found.target.includes("/worktrees/")
          ? "if it was moved: git worktree repair"
          : "sync the main repository, or clone it on its own",
      };
    case "symlinked":
      return {
        kind: "unsupported",
        feature: "its .git is a symbolic link",
        hint: "move the real .git folder here, or sync the folder in which it lies",
      };
  }
}

function withoutHead(gitDirectory: string): RepositoryState {
  return {
    kind: "unsupported",
    feature: `${gitDirectory} has no HEAD, which says what branch is checked out; all else may be there`,
    hint: `\`lull verify --repair\` finds out which it was; by hand: write \`ref: refs/heads/<branch>\` into ${gitDirectory}/HEAD`,
  };
}

function linkKind(target: string): string {
  if (target.includes("/worktrees/"))
    return "a linked worktree that its repository does not know in this place";
  return target.includes("/modules/") ? "a submodule" : "a separate git directory";
}
