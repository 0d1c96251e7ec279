import { LullError } from "../../../base/errors.ts";
import type { ObjectReader, Oid } from "../../model.ts";
import { readCommitLinks } from "../../objects/commit-object.ts";
import { findHoles, type WalkReader } from "../object-walk.ts";

export type Candidate = {
  readonly oid: Oid;
  /** In words. */
  readonly from: string;
  /** That is where the ref was, not only a place where it has been. */
  readonly isSure?: boolean;
};

/**
 * Chooses what a ref that lost its commit is to point to: the first that is whole, with all its history, and else the
 * first of which at least the commit and its files are there. Candidates come with the likeliest first.
 */
export async function chooseCommit(
  candidates: readonly Candidate[],
  {
    reader,
    store,
    signal,
  }: { readonly reader: WalkReader; readonly store: ObjectReader; readonly signal: AbortSignal },
): Promise<Candidate | undefined> {
  let second: Candidate | undefined;
  const seen = new Set<Oid>();
  for (const candidate of candidates) {
    if (seen.has(candidate.oid)) continue;
    seen.add(candidate.oid);
    const [holes] = await findHoles(reader, [[{ oid: candidate.oid, as: "commit" }]], signal);
    if (holes?.size === 0) return candidate;
    if (second !== undefined) continue;
    const tree = treeOf(store, candidate.oid);
    if (tree === undefined) continue;
    const [files] = await findHoles(reader, [[{ oid: tree, as: "tree" }]], signal);
    if (files?.size === 0) second = candidate;
  }
  return second;
}

function treeOf(store: ObjectReader, commit: Oid): Oid | undefined {
  try {
    return readCommitLinks(store, commit).tree;
  } catch (error) {
    if (error instanceof LullError) return undefined;
    throw error;
  }
}

export function secondsOf(store: ObjectReader, commit: Oid): number {
  try {
    return readCommitLinks(store, commit).seconds;
  } catch (error) {
    if (error instanceof LullError) return 0;
    throw error;
  }
}
