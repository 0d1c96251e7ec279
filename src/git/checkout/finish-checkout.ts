/**
 * The end of a checkout that was cut off between index and branch. All its files stand in the work tree by then and the
 * index says so; without the branch's move, whatever the person edits next would be committed together with them, the
 * remote's changes under the person's name.
 */
import { treeDifferences } from "../history/compare-trees.ts";
import type { ObjectReader, Oid } from "../model.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import { refuseMovedHead } from "../refs/held-head.ts";
import type { ReflogEntry } from "../refs/reflog.ts";
import type { Head } from "../refs/repository-state.ts";
import { prepareRefUpdate } from "../refs/update-ref.ts";
import { lockIndex } from "../worktree/index-file.ts";
import type { GitIndex } from "../worktree/index-model.ts";
import type { CheckoutPlace } from "./checkout-commit.ts";
import { clearJournal, readJournal } from "./journal.ts";
import { isSameVersion } from "./tree-difference.ts";

export type FinishCheckoutInput = {
  /** Where HEAD is now. */
  readonly head: Head;
  readonly reflog: ReflogEntry;
};

/**
 * Moves the branch to where the interrupted checkout wanted it, if that was all that was missing. Otherwise nothing
 * happens: the next checkout goes on from what is there.
 * @param now called when there is something to finish
 * @returns whether the branch moved
 * @throws LullError `INDEX_LOCKED`, `REF_LOCKED`, `REF_CHANGED` when HEAD is not at `head` any more
 */
export function finishCheckout(
  { gitDirectory, store }: Pick<CheckoutPlace, "gitDirectory" | "store">,
  now: () => FinishCheckoutInput,
): boolean {
  const target = readJournal(gitDirectory)?.complete;
  if (target === undefined) return false;
  const { head, reflog } = now();
  using lock = lockIndex(gitDirectory);
  refuseMovedHead(gitDirectory, head);
  const journal = readJournal(gitDirectory);
  if (journal?.complete !== target || journal.branch !== head.branch) return false;
  if (head.commit === target) {
    clearJournal(gitDirectory);
    return false;
  }
  if (journal.from !== (head.commit ?? null) || !isWritten(store, lock.index, { from: head.commit, target }))
    return false;
  using update = prepareRefUpdate(gitDirectory, {
    name: head.branch,
    expected: head.commit,
    next: target,
    reflog,
    isCheckedOut: true,
  });
  update.commit();
  clearJournal(gitDirectory);
  return true;
}

/**
 * True when the index was written: no path that was to change has its old version any more. What the person staged
 * since stands on top of the new ones; where they went back to the old commit, it is not for lull to go forward again.
 */
function isWritten(
  reader: ObjectReader,
  index: GitIndex,
  { from, target }: { readonly from: Oid | undefined; readonly target: Oid },
): boolean {
  const before = from === undefined ? undefined : readCommitLinks(reader, from).tree;
  let changes = 0;
  for (const change of treeDifferences(reader, before, readCommitLinks(reader, target).tree)) {
    const position = index.find(change.path);
    const staged = position < 0 ? undefined : index.versionAt(position);
    if (isSameVersion(staged, change.before)) return false;
    changes++;
  }
  return changes > 0;
}
