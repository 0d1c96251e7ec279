import { LullError } from "../../base/errors.ts";
import type { KeepVersionsInput, Savepoint, SavepointInput } from "./savepoint.ts";
import { editTree } from "../merge/edit-tree.ts";
import { EMPTY_TREE, type FileVersion, type ObjectBatch, type Oid, type RepoPath } from "../model.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import { openObjectBatch } from "../objects/object-batch.ts";
import type { Head } from "../refs/repository-state.ts";
import type { RepositoryParts } from "../repository-parts.ts";
import { readIndex } from "../worktree/index-file.ts";
import type { IndexTable } from "../worktree/index-table.ts";
import { stagePaths } from "../worktree/stage.ts";
import { writeTree } from "../worktree/write-tree.ts";
import { writeSavepoint } from "./savepoint-commit.ts";
import { nameSavepoint } from "./savepoint-ref.ts";

/**
 * Takes a picture of branch, index and work tree; none of them is touched. Objects are durable before the ref names
 * them.
 */
export function takeSavepoint(parts: RepositoryParts, head: Head, input: SavepointInput): Savepoint {
  const { gitDirectory, store, clock, startDeflater } = parts;
  // A table of its own, which is staged into and thrown away.
  const index = readIndex(gitDirectory);
  const batch = openObjectBatch(store, { clock, startDeflater, expected: input.paths.length });
  try {
    const staged = indexTree(index, batch, input.signal);
    stagePaths({
      root: parts.directory,
      gitDirectory,
      index,
      batch,
      paths: input.paths,
      settings: parts.settings(),
      admit: input.admit,
      signal: input.signal,
      openFolderStats: parts.openFolderStats,
    });
    const workTree = writeTree(index, batch, input.signal);
    const trees = { branch: head.branch, head: headTree(parts, head), index: staged, workTree };
    const picture = writeSavepoint(batch, trees, input);
    batch.finish();
    return nameSavepoint(gitDirectory, picture, clock.now());
  } finally {
    batch.discard();
  }
}

/**
 * Keeps files of elsewhere in a savepoint: a commit upon `base` that differs from it in these paths alone. Branch, index
 * and work tree are neither looked at nor touched.
 */
export function keepVersions(parts: RepositoryParts, head: Head, input: KeepVersionsInput): Savepoint {
  const { gitDirectory, store, clock, startDeflater } = parts;
  const batch = openObjectBatch(store, { clock, startDeflater, expected: input.versions.size });
  try {
    const versions = new Map<RepoPath, FileVersion | undefined>();
    for (const [path, version] of input.versions)
      versions.set(path, version && { mode: version.mode, oid: batch.write("blob", version.bytes) });
    const { tree } = readCommitLinks(store, input.base);
    const workTree = editTree(batch, tree, versions);
    const trees = { branch: head.branch, head: { commit: input.base, tree }, index: undefined, workTree };
    const picture = writeSavepoint(batch, trees, input);
    batch.finish();
    return nameSavepoint(gitDirectory, picture, clock.now());
  } finally {
    batch.discard();
  }
}

/** Undefined when it names an object that nobody has: then there is nothing to keep of it either. */
export function indexTree(index: IndexTable, batch: ObjectBatch, signal: AbortSignal): Oid | undefined {
  // Mostly that of a first sync, which would leave the object behind without any use.
  if (index.count === 0) return EMPTY_TREE;
  try {
    return writeTree(index, batch, signal);
  } catch (error) {
    if (error instanceof LullError && ["OBJECT_MISSING", "FORBIDDEN_NAME"].includes(error.code))
      return undefined;
    throw error;
  }
}

export function headTree(
  { store }: Pick<RepositoryParts, "store">,
  { commit }: Head,
): { readonly commit: Oid; readonly tree: Oid } | undefined {
  return commit === undefined ? undefined : { commit, tree: readCommitLinks(store, commit).tree };
}
