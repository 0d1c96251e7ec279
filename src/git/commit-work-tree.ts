import { LullError } from "../base/errors.ts";
import type { CommitInput } from "./git.ts";
import type { Oid } from "./model.ts";
import { serializeCommit } from "./objects/commit-object.ts";
import { openObjectBatch } from "./objects/object-batch.ts";
import { displayPath } from "./paths.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { refuseMovedHead } from "./refs/held-head.ts";
import type { Head } from "./refs/repository-state.ts";
import { type PreparedUpdate, prepareRefUpdate } from "./refs/update-ref.ts";
import { readSavepoint, writeSavepoint } from "./savepoints/savepoint-commit.ts";
import { nameSavepoint } from "./savepoints/savepoint-ref.ts";
import { headTree, indexTree } from "./savepoints/take-savepoint.ts";
import type { SkippedPath } from "./worktree/changes.ts";
import { lockIndex } from "./worktree/index-file.ts";
import { stagePaths } from "./worktree/stage.ts";
import { writeTree } from "./worktree/write-tree.ts";

/**
 * Commits paths as they are now onto the current branch. Objects are durable before the index names them, the
 * index is durable before the branch moves; a crash in between leaves staged changes, which the next scan finds.
 * The branch is locked before the index is written: when the person's git was faster, neither has changed.
 */
export function commitWorkTree(parts: RepositoryParts, head: Head, input: CommitInput): Oid | undefined {
  const { gitDirectory, store, clock, startDeflater } = parts;
  using lock = lockIndex(gitDirectory, { known: parts.index() });
  refuseMovedHead(gitDirectory, head);
  const batch = openObjectBatch(store, { clock, startDeflater, expected: input.paths.length });
  try {
    const staged = input.savepoint && indexTree(lock.index, batch, input.signal);
    const { skipped } = stagePaths({
      root: parts.directory,
      gitDirectory,
      index: lock.index,
      batch,
      paths: input.paths,
      settings: parts.settings(),
      signal: input.signal,
      openFolderStats: parts.openFolderStats,
    });
    refuseFiltered(skipped);
    const tree = writeTree(lock.index, batch, input.signal);
    const before = headTree(parts, head);
    const isSame = before?.tree === tree;
    const isEmptyStart = head.commit === undefined && lock.index.count === 0;
    const commit =
      isSame || isEmptyStart
        ? undefined
        : batch.write("commit", serializeCommit(commitOf(tree, head.commit, input)));
    const savepoint =
      input.savepoint !== undefined && (commit !== undefined || staged !== tree)
        ? writeSavepoint(
            batch,
            { branch: head.branch, head: before, index: staged, workTree: tree },
            { note: input.savepoint, author: input.author },
          )
        : undefined;
    batch.finish();
    if (savepoint !== undefined) {
      const ref = nameSavepoint(gitDirectory, savepoint, clock.now());
      input.savepoint?.taken(readSavepoint(store, ref, savepoint));
    }
    using move = commit === undefined ? undefined : prepareMove(parts, head, { commit, input });
    lock.write(lock.index);
    move?.commit();
    return commit;
  } finally {
    batch.discard();
  }
}

/**
 * Only a program makes of such a file what belongs into a commit, and a commit without it would split what belongs
 * together. The scan names it; here it has come to its rule since, or nobody heeded the scan.
 */
function refuseFiltered(skipped: readonly SkippedPath[]): void {
  const path = skipped.find(({ reason }) => reason === "filter")?.path;
  if (path === undefined) return;
  throw new LullError({
    kind: "unsafe",
    code: "UNSUPPORTED_REPOSITORY",
    message: `${displayPath(path)} needs a program that lull does not run (see .gitattributes)`,
    hint: "commit such files with git itself, or take their rule out of .gitattributes",
    data: { path: displayPath(path) },
  });
}

function commitOf(tree: Oid, parent: Oid | undefined, input: CommitInput) {
  return {
    tree,
    parents: parent === undefined ? [] : [parent],
    author: input.author,
    committer: input.author,
    message: `${input.message.trimEnd()}\n`,
  };
}

function prepareMove(
  parts: RepositoryParts,
  head: Head,
  move: { readonly commit: Oid; readonly input: CommitInput },
): PreparedUpdate {
  const [subject = ""] = move.input.message.split("\n");
  return prepareRefUpdate(parts.gitDirectory, {
    name: head.branch,
    expected: head.commit,
    next: move.commit,
    reflog: {
      who: move.input.author,
      message: `commit${head.commit === undefined ? " (initial)" : ""}: ${subject}`,
      policy: parts.reflogPolicy(),
    },
    isCheckedOut: true,
  });
}
