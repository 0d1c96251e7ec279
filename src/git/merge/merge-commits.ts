import { historyOf, type HistoryNode } from "../history/commit-walk.ts";
import { paintHistory } from "../history/merge-base.ts";
import { EMPTY_TREE, type ObjectBatch, type ObjectReader, type Oid, type RepoPath } from "../model.ts";
import type { ConflictResolver, MergeResult } from "./merge-result.ts";
import type { MergeDriver } from "./merge-text.ts";
import { mergeTrees } from "./merge-trees.ts";

export type MergeCommitsInput = {
  /** Where the commits are. */
  readonly reader: ObjectReader;
  /** Takes the merged objects; trees and files are read through it. The caller finishes it. */
  readonly batch: ObjectBatch;
  readonly ours: Oid;
  readonly theirs: Oid;
  readonly resolve: ConflictResolver;
  /** What `.gitattributes` say about merging a path; lines are merged unless given. */
  readonly driverFor?: (path: RepoPath) => MergeDriver;
  /** Commits that were read before; given when many merges of one repository are made. */
  readonly nodeOf?: (oid: Oid) => HistoryNode;
  readonly signal?: AbortSignal;
};

/**
 * Merges two commits and returns the tree; no commit is made. Histories without a common ancestor are merged on
 * the empty tree. Several best common ancestors (two devices that merged each other) are first merged with one
 * another, recursively as git does, and their merge is the base.
 * @throws LullError of the reader or `INTERRUPTED`
 */
export function mergeCommits(input: MergeCommitsInput): MergeResult {
  const { reader, batch, ours, theirs, resolve, driverFor, signal } = input;
  const nodeOf = input.nodeOf ?? historyOf(reader, signal);
  const budget = { merges: VIRTUAL_MERGE_LIMIT };
  const commonTree = (tips: readonly Oid[], other: Oid, depth: number): Oid => {
    // Oldest first, as in git: the order decides on which side of a marker a line stands.
    const [oldest, ...newer] = [...paintHistory(nodeOf, tips, other).bases].reverse();
    if (oldest === undefined) return EMPTY_TREE;
    let merged = { tips: [oldest], tree: nodeOf(oldest).tree };
    for (const next of newer) {
      if (--budget.merges < 0) return nodeOf(newer.at(-1) ?? oldest).tree;
      const base = commonTree(merged.tips, next, depth + 1);
      const { tree } = mergeTrees({
        batch,
        base,
        ours: merged.tree,
        theirs: nodeOf(next).tree,
        conflicts: { virtualDepth: depth + 1 },
        driverFor,
        signal,
      });
      merged = { tips: [...merged.tips, next], tree };
    }
    return merged.tree;
  };
  const base = commonTree([ours], theirs, 0);
  return mergeTrees({
    batch,
    base,
    ours: nodeOf(ours).tree,
    theirs: nodeOf(theirs).tree,
    conflicts: { resolve },
    driverFor,
    signal,
  });
}

/**
 * Merges of merge bases after which the newest base alone serves. Devices that merge each other again and again
 * make one a level, and each costs a few milliseconds; without a limit, histories made for it would never end.
 */
const VIRTUAL_MERGE_LIMIT = 64;
