import { compareTrees } from "./history/compare-trees.ts";
import type { FileVersion, ObjectReader, Oid, RepoPath } from "./model.ts";
import type { WorkTreeChange } from "./worktree/changes.ts";
import type { IndexTable } from "./worktree/index-table.ts";

/**
 * Returns how the index differs from the last commit: what the person staged by hand, or what a crash left staged
 * between writing the index and moving the branch. Free when the index still knows the commit's tree.
 * @param tree the last commit's tree; undefined before the first commit
 */
export function stagedChanges(
  index: IndexTable,
  tree: Oid | undefined,
  objects: ObjectReader,
): readonly WorkTreeChange[] {
  if (tree !== undefined && index.cachedTree("") === tree) return [];
  const committed = new Map<RepoPath, FileVersion>();
  for (const { path, after } of compareTrees(objects, undefined, tree)) {
    if (after !== undefined) committed.set(path, after);
  }
  const changes: WorkTreeChange[] = [];
  for (let position = 0; position < index.count; position++) {
    const path = index.pathAt(position);
    const before = committed.get(path);
    committed.delete(path);
    const now = index.versionAt(position);
    if (before === undefined) changes.push({ path, kind: "added" });
    else if (before.oid !== now.oid) changes.push({ path, kind: "modified" });
    else if (before.mode !== now.mode) changes.push({ path, kind: "mode-changed" });
  }
  for (const path of committed.keys()) changes.push({ path, kind: "deleted" });
  return changes;
}
