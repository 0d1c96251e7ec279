/** What a checkout has to do, before anybody looks at the work tree. Pure: trees and index in, plan out. */
import type { FileVersion, ObjectReader, Oid, RepoPath, TreeEntry } from "../model.ts";
import { MODE } from "../model.ts";
import { readTree } from "../objects/tree-object.ts";
import type { GitIndex } from "../worktree/index-model.ts";
import type { NameRules } from "./tree-names.ts";
import { checkTreeNames } from "./tree-names.ts";
import type { ComparedFolder } from "./tree-difference.ts";
import { differingPaths, isSameVersion } from "./tree-difference.ts";

export type PlannedPath = {
  readonly path: RepoPath;
  /** What the branch has now; undefined: nothing. */
  readonly before: FileVersion | undefined;
  /** What it shall be; undefined: it goes away. */
  readonly after: FileVersion | undefined;
  /** What an interrupted checkout of lull's own may have left there, or what a copy keeps. */
  readonly own: readonly (FileVersion | undefined)[];
};

export type BlockedPath = { readonly path: RepoPath; readonly reason: string };

export type CheckoutPlan = {
  /** Deepest first, and before all writes, so that a folder is empty when a file takes its place. */
  readonly removals: readonly PlannedPath[];
  /** In byte order, so that a file that becomes a folder comes before what is in the folder. */
  readonly writes: readonly PlannedPath[];
  /** Paths that need no look at the work tree to be known as blocked. */
  readonly blocked: readonly BlockedPath[];
};

export type PlanInput = {
  readonly reader: ObjectReader;
  /** Tree of the branch's commit; undefined while there is none. */
  readonly from: Oid | undefined;
  /** Tree to come. */
  readonly to: Oid;
  /** Trees that an interrupted checkout may have begun to write. */
  readonly alsoExpected: readonly Oid[];
  readonly keptAside?: ReadonlyMap<RepoPath, FileVersion> | undefined;
  readonly index: GitIndex;
  readonly names: NameRules;
  readonly signal?: AbortSignal | undefined;
};

/** @throws LullError `TREE_NAME_FORBIDDEN`, `OBJECT_MISSING`, `OBJECT_CORRUPT` */
export function planCheckout(input: PlanInput): CheckoutPlan {
  const removals: PlannedPath[] = [];
  const writes: PlannedPath[] = [];
  const blocked: BlockedPath[] = [];
  const paths = differingPaths({
    reader: input.reader,
    trees: [input.from, input.to, ...input.alsoExpected],
    onFolder: (folder) => checkNames(input, folder),
    signal: input.signal,
  });
  for (const { path, versions } of paths) {
    const [before, after, ...written] = versions;
    const kept = input.keptAside?.get(path);
    const own = kept === undefined || isSameVersion(before, after) ? written : [...written, kept];
    const planned: PlannedPath = { path, before, after, own };
    if (isKnownToIndex(input.index, planned)) (after === undefined ? removals : writes).push(planned);
    // A path that does not change is none of lull's business once the user has staged something for it.
    else if (!isSameVersion(before, after))
      blocked.push({ path, reason: "staged changes that are not committed" });
  }
  return { removals: removals.reverse(), writes, blocked };
}

/**
 * Checks the names of what changes. A name that is new in its folder must fit those that stay, too: a folder `s` beside
 * a link `s`.
 */
function checkNames({ reader, names }: PlanInput, { directory, trees, rows }: ComparedFolder): void {
  const changed: TreeEntry[] = [];
  let hasNewName = false;
  for (const [before, after] of rows) {
    if (after === undefined) continue;
    changed.push(after);
    hasNewName ||=
      (before?.mode === MODE.directory) !== (after.mode === MODE.directory) || before === undefined;
  }
  const [, tree] = trees;
  checkTreeNames(directory, hasNewName && tree !== undefined ? readTree(reader, tree) : changed, names);
}

/** False for a path of which the user has staged something of their own: replacing the entry would lose it. */
function isKnownToIndex(index: GitIndex, { path, before, after, own }: PlannedPath): boolean {
  const position = index.find(path);
  const staged = position < 0 ? undefined : index.versionAt(position);
  return [before, after, ...own].some((version) => isSameVersion(version, staged));
}
