import type { Oid } from "../model.ts";
import { lockIndex } from "../worktree/index-file.ts";
import { otherWorkTreeOn } from "./other-work-trees.ts";
import { resolveRef } from "./ref-store.ts";
import type { ReflogEntry } from "./reflog.ts";
import { updateRef } from "./update-ref.ts";

export type BranchMove = {
  /** Full name. */
  readonly branch: string;
  readonly from: Oid;
  readonly to: Oid;
};

/**
 * Moves a branch that no work tree has checked out: under one that has, its files would look like edits that take the
 * move back. A `git switch` needs the index, so it is held meanwhile.
 * @returns false when it is checked out somewhere; nothing was moved then
 * @throws LullError `INDEX_LOCKED`, `REF_LOCKED`, `REF_CHANGED`
 */
export function moveBranch(gitDirectory: string, move: BranchMove, reflog: ReflogEntry): boolean {
  using _index = lockIndex(gitDirectory);
  if (resolveRef(gitDirectory, "HEAD").name === move.branch) return false;
  if (otherWorkTreeOn(gitDirectory, move.branch) !== undefined) return false;
  updateRef(gitDirectory, { name: move.branch, expected: move.from, next: move.to, reflog });
  return true;
}
