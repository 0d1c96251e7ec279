import type { TakeBackInput, TakenBack } from "./git.ts";
import { compareTrees } from "./history/compare-trees.ts";
import { mergeDrivers } from "./merge-into-commit.ts";
import { editTree } from "./merge/edit-tree.ts";
import type { MergeResult } from "./merge/merge-result.ts";
import { mergeTrees } from "./merge/merge-trees.ts";
import { EMPTY_TREE, type ObjectBatch, type Oid } from "./model.ts";
import { readCommitLinks, serializeCommit } from "./objects/commit-object.ts";
import { openObjectBatch } from "./objects/object-batch.ts";
import type { RepositoryParts } from "./repository-parts.ts";

/**
 * Makes a commit on top of another one in which files are as they were before. It is stored, and guarded from a
 * `git repack` until the checkout that brings the branch there, unless it is a dry run or changes nothing; no ref, no
 * index and no file changes.
 */
export function takeBack(parts: RepositoryParts, input: TakeBackInput): TakenBack {
  const { store, clock } = parts;
  const batch = openObjectBatch(store, { clock });
  const before = input.on === undefined ? EMPTY_TREE : readCommitLinks(store, input.on).tree;
  let isKept = false;
  try {
    const { tree, conflicts } = newTree(parts, input, { batch, before });
    const differences = compareTrees(batch, before, tree, input.signal);
    if (input.dryRun || (tree === before && !input.evenIfSame))
      return { commit: undefined, differences, conflicts };
    const commit = batch.write(
      "commit",
      serializeCommit({
        tree,
        parents: input.on === undefined ? [] : [input.on],
        author: input.author,
        committer: input.author,
        message: `${input.message.trimEnd()}\n`,
      }),
    );
    batch.finish();
    isKept = true;
    parts.guard(() => batch.discard());
    return { commit, differences, conflicts };
  } finally {
    if (!isKept) batch.discard();
  }
}

function newTree(
  parts: RepositoryParts,
  { change, signal }: TakeBackInput,
  { batch, before }: { readonly batch: ObjectBatch; readonly before: Oid },
): MergeResult {
  if (change.kind === "files") return { tree: editTree(batch, before, change.files), conflicts: [] };
  return mergeTrees({
    batch,
    base: readCommitLinks(parts.store, change.after).tree,
    ours: before,
    theirs: readCommitLinks(parts.store, change.before).tree,
    conflicts: { resolve: change.resolve },
    driverFor: mergeDrivers(parts),
    signal,
  });
}
