/**
 * Brings work tree, index and branch to another commit, in this order, so that a crash at any point leaves a state from
 * which the next checkout goes on: the journal says what lull itself may have written, the branch moves last.
 */
import type { CheckoutInput, CheckoutResult } from "../git.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { refuseMovedHead } from "../refs/held-head.ts";
import type { ReflogEntry } from "../refs/reflog.ts";
import type { Head } from "../refs/repository-state.ts";
import { prepareRefUpdate } from "../refs/update-ref.ts";
import type { OpenFolderStats } from "../worktree/folder-look.ts";
import { lockIndex } from "../worktree/index-file.ts";
import type { IndexTable } from "../worktree/index-table.ts";
import type { WorkTreeSettings } from "../worktree/settings.ts";
import type { Trace } from "./apply-changes.ts";
import { checkoutTree, type WritingHelp } from "./checkout.ts";
import type { DiskCalls } from "./durability.ts";
import { diskCalls } from "./durability.ts";
import type { GuardedRename } from "./put-in-place.ts";
import { clearJournal, pendingTrees, writeJournal } from "./journal.ts";

/** The repository in which to check out; `RepositoryParts` is one. */
export type CheckoutPlace = {
  readonly directory: string;
  readonly gitDirectory: string;
  readonly store: Pick<ObjectStore, "has" | "read" | "header" | "open" | "recent" | "gitDirectory">;
  readonly help?: WritingHelp | undefined;
  readonly openFolderStats?: OpenFolderStats | undefined;
  readonly windows: boolean;
  /** As in `DiskCalls`; left out: each file is synced by itself. */
  readonly openFileSystem?: DiskCalls["openFileSystem"] | undefined;
  /** Left out: what comes to a place between the last look and the rename is overwritten. */
  readonly guardedRename?: (() => GuardedRename | undefined) | undefined;
  settings(): WorkTreeSettings;
  /** As it was read before, to be read again under its lock only if it is another one by then. */
  index?(): IndexTable;
};

export type CheckoutCommitInput = Omit<CheckoutInput, "reason" | "from"> & {
  /** The branch to move, and the commit on which it is now. */
  readonly head: Head;
  readonly reflog: ReflogEntry;
  readonly trace?: Trace;
  /** Stands in for the calls that wait for the disk. */
  readonly disk?: DiskCalls;
};

/**
 * When something is blocked, index and branch stay as they were; files that were replaced by then are known to the
 * journal, and the next call goes on from there.
 * @throws LullError `INDEX_LOCKED`, `REF_LOCKED`, `REF_CHANGED` when the branch is not on `head` any more, and those of
 *   `checkoutTree`
 */
export function checkoutCommit(place: CheckoutPlace, input: CheckoutCommitInput): CheckoutResult {
  const { gitDirectory, store } = place;
  const { branch, commit } = input.head;
  const known = place.index?.();
  using lock = lockIndex(gitDirectory, known === undefined ? {} : { known });
  refuseMovedHead(gitDirectory, input.head);
  const to = readCommitLinks(store, input.target).tree;
  const earlier = pendingTrees(gitDirectory, branch);
  const journal = { branch, from: commit ?? null, trees: [...earlier, to] };
  const result = checkoutTree({
    root: place.directory,
    gitDirectory,
    store,
    index: lock.index,
    settings: place.settings(),
    windows: place.windows,
    from: commit === undefined ? undefined : readCommitLinks(store, commit).tree,
    to,
    alsoExpected: earlier,
    keptAside: input.keptAside,
    beforeFirstWrite: () => writeJournal(gitDirectory, journal),
    trace: input.trace,
    help: place.help,
    openFolderStats: place.openFolderStats,
    guardedRename: place.guardedRename,
    disk: input.disk ?? diskCalls(place.openFileSystem),
    signal: input.signal,
    onProgress: input.onProgress,
  });
  if (result.kind === "blocked") return { kind: "blocked", paths: result.paths };
  // The branch is locked before the index is let go: a `git commit` cannot come in between.
  using update = prepareRefUpdate(gitDirectory, {
    name: branch,
    expected: commit,
    next: input.target,
    reflog: input.reflog,
    isCheckedOut: true,
  });
  lock.index.update(result.updates);
  if (result.updates.size > 0) {
    input.trace?.("complete", "");
    writeJournal(gitDirectory, { ...journal, complete: input.target });
  }
  input.trace?.("index", "");
  lock.write(lock.index);
  input.trace?.("branch", "");
  update.commit();
  input.trace?.("clear", "");
  clearJournal(gitDirectory);
  return { kind: "done", written: result.written, removed: result.removed };
}
