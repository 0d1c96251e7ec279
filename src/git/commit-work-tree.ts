import { LullError } from "../base/errors.ts";
import type { CommitInput } from "./git.ts";
import { MODE, type Oid, type RepoPath } from "./model.ts";
import { entryAt } from "./objects/entry-at.ts";
import { readCommitLinks } from "./objects/commit-object.ts";
import type { ObjectStore } from "./objects/object-store.ts";
import { openObjectBatch } from "./objects/object-batch.ts";
import { displayPath } from "./paths.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { refuseMovedHead } from "./refs/held-head.ts";
import type { Head } from "./refs/repository-state.ts";
import { type PreparedUpdate, prepareRefUpdate } from "./refs/update-ref.ts";
import { writeSavepoint } from "./savepoints/savepoint-commit.ts";
import { nameSavepoint } from "./savepoints/savepoint-ref.ts";
import { headTree, indexTree } from "./savepoints/take-savepoint.ts";
import { type NewCommit, writeCommit } from "./store-commit.ts";
import type { SkippedPath } from "./worktree/changes.ts";
import type { IndexUpdate } from "./worktree/index-model.ts";
import type { IndexTable } from "./worktree/index-table.ts";
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
      admit: input.admit,
      signal: input.signal,
      openFolderStats: parts.openFolderStats,
    });
    refuseFiltered(skipped);
    unstage(skipped, { index: lock.index, head, store }, staged !== undefined);
    const tree = writeTree(lock.index, batch, input.signal);
    const before = headTree(parts, head);
    const isSame = before?.tree === tree;
    const isEmptyStart = head.commit === undefined && lock.index.count === 0;
    const commit =
      isSame || isEmptyStart ? undefined : writeCommit(parts, batch, commitOf(tree, head.commit, input));
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
      input.savepoint?.taken(nameSavepoint(gitDirectory, savepoint, clock.now()));
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

/**
 * A path that is not let in stays as the last commit has it, in the index as well: what the person staged of it would be
 * in the tree otherwise. That version may be nowhere else: the savepoint keeps it, on this device.
 * @param isKept the savepoint has all that was staged
 */
function unstage(
  skipped: readonly SkippedPath[],
  at: { readonly index: IndexTable; readonly head: Head; readonly store: ObjectStore },
  isKept: boolean,
): void {
  const held = skipped.filter(({ path, reason }) => reason === "not-admitted" && at.index.find(path) >= 0);
  if (held.length === 0) return;
  const tree = at.head.commit === undefined ? undefined : readCommitLinks(at.store, at.head.commit).tree;
  const updates = new Map<RepoPath, IndexUpdate | undefined>();
  for (const { path } of held) {
    const position = at.index.find(path);
    const committed = tree === undefined ? undefined : entryAt(at.store, tree, path);
    const before = committed?.mode === MODE.directory ? undefined : committed;
    if (at.index.isIntentToAdd(position) || before?.oid === at.index.oidAt(position)) continue;
    if (!isKept) throw stillStaged(path);
    updates.set(path, before === undefined ? undefined : { ...before, stat: undefined });
  }
  if (updates.size > 0) at.index.update(updates);
}

/** Staged while the sync went on: the next one takes a savepoint first. */
function stillStaged(path: RepoPath): LullError {
  const shown = displayPath(path);
  return new LullError({
    kind: "guard",
    code: "NOT_ADMITTED",
    message: `${shown} was staged during the sync and must not be committed`,
    causes: ["it was added with `git add` right now"],
    hint: "nothing was changed; the next sync keeps what is staged in a savepoint and goes on",
    data: { path: shown },
  });
}

function commitOf(tree: Oid, parent: Oid | undefined, input: CommitInput): NewCommit {
  const parents = parent === undefined ? [] : [parent];
  return { tree, parents, author: input.author, message: messageOf(input) };
}

function prepareMove(
  parts: RepositoryParts,
  head: Head,
  move: { readonly commit: Oid; readonly input: CommitInput },
): PreparedUpdate {
  const [subject = ""] = messageOf(move.input).split("\n");
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

function messageOf({ message }: CommitInput): string {
  return typeof message === "string" ? message : message();
}
