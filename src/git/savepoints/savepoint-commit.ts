/**
 * A savepoint is a commit as git's stash makes them: its tree is the work tree (tracked files as they are, untracked
 * ones that are not ignored), its first parent the branch's commit, its second one what was staged. So it costs one
 * small object: all that is in it is shared with the history.
 */
import type { Savepoint, SavepointNote } from "./savepoint.ts";
import { EMPTY_TREE, type ObjectBatch, type ObjectReader, type Oid, type Signature } from "../model.ts";
import { readCommit, serializeCommit } from "../objects/commit-object.ts";

export const SAVEPOINT_REFS = "refs/lull/savepoints/";

export type SavepointTrees = {
  readonly branch: string;
  /** Undefined: the branch has no commit yet. */
  readonly head: { readonly commit: Oid; readonly tree: Oid } | undefined;
  /** Of the index; undefined: it can not be written as a tree. */
  readonly index: Oid | undefined;
  readonly workTree: Oid;
};

/** A savepoint before it has its ref. */
export type Picture = Omit<Savepoint, "name">;

/** Writes the commit, and one for the index when that holds anything that the branch's commit does not. */
export function writeSavepoint(
  batch: ObjectBatch,
  trees: SavepointTrees,
  { note, author }: { readonly note: SavepointNote; readonly author: Signature },
): Picture {
  const { branch, head, workTree } = trees;
  const write = (tree: Oid, parents: readonly Oid[], message: string): Oid => {
    if (tree === EMPTY_TREE) batch.write("tree", new Uint8Array(0));
    return batch.write("commit", serializeCommit({ tree, parents, author, committer: author, message }));
  };
  const parents = head === undefined ? [] : [head.commit];
  const index =
    trees.index === undefined || trees.index === (head?.tree ?? EMPTY_TREE)
      ? undefined
      : write(trees.index, parents, `What was staged before ${note.before}\n`);
  const lines = [
    `Before ${note.before}`,
    "",
    `Lull-Source: ${note.source}`,
    `Lull-Before: ${note.before}`,
    `Lull-Branch: ${branch}`,
    ...(head === undefined ? [] : [`Lull-Head: ${head.commit}`]),
    ...(index === undefined ? [] : [`Lull-Index: ${index}`]),
    "",
  ];
  const commit = write(workTree, index === undefined ? parents : [...parents, index], lines.join("\n"));
  const { source, before } = note;
  const takenAt = author.seconds * 1000;
  return { source, before, commit, tree: workTree, takenAt, branch, head: head?.commit, index };
}

/** @throws LullError `OBJECT_MISSING`, `OBJECT_CORRUPT` */
export function readSavepoint(reader: ObjectReader, ref: string, commit: Oid): Savepoint {
  const { message, committer, tree } = readCommit(reader, commit);
  const value = (name: string): string | undefined =>
    new RegExp(`^Lull-${name}: (.*)$`, "m").exec(message)?.[1];
  return {
    name: ref.slice(SAVEPOINT_REFS.length),
    commit,
    tree,
    takenAt: committer.seconds * 1000,
    source: value("Source") ?? "",
    before: value("Before") ?? "",
    branch: value("Branch") ?? "",
    head: value("Head"),
    index: value("Index"),
  };
}
