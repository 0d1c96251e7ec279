import type { TakeBackInput, TakenBack } from "./git.ts";
import { compareTrees } from "./history/compare-trees.ts";
import { mergeDrivers } from "./merge-into-commit.ts";
import { editTree } from "./merge/edit-tree.ts";
import type { MergeResult } from "./merge/merge-result.ts";
import { mergeTrees } from "./merge/merge-trees.ts";
import { EMPTY_TREE, type ObjectBatch, type Oid } from "./model.ts";
import { readCommitLinks } from "./objects/commit-object.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { storeCommit, writeCommit } from "./store-commit.ts";

/**
 * Makes a commit on top of another one in which files are as they were before; none in a dry run, and when nothing
 * differs.
 */
export function takeBack(parts: RepositoryParts, input: TakeBackInput): TakenBack {
  const { on, message, author } = input;
  const before = on === undefined ? EMPTY_TREE : readCommitLinks(parts.store, on).tree;
  return storeCommit(parts, (batch): TakenBack => {
    const { tree, conflicts } = newTree(parts, input, { batch, before });
    const differences = compareTrees(batch, before, tree, input.signal);
    if (input.dryRun || (tree === before && !input.evenIfSame))
      return { commit: undefined, differences, conflicts };
    const parents = on === undefined ? [] : [on];
    return { commit: writeCommit(parts, batch, { tree, parents, author, message }), differences, conflicts };
  });
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
