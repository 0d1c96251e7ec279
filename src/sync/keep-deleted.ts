import { type FileVersion, MODE, type Oid, type RepoPath } from "../git/model.ts";
import { parentPath } from "../git/paths.ts";
import type { Repository } from "../git/git.ts";
import { authorOf } from "./author.ts";
import { isConflictCopy } from "./conflicts/copy-path.ts";
import type { RunContext } from "./run-context.ts";

/**
 * With `sync_deletions: false`: returns a commit upon `target` that still has the files of `ours` which another device
 * deleted, or `target` itself when there are none. The files stay in the branch, not only in this folder: so all
 * devices agree again, also those that sync deletions, and none of them has a file that no commit holds. What this
 * device deletes itself is sent.
 */
export function keepDeleted(context: RunContext, ours: Oid, target: Oid): Oid {
  const { repository, source, deps } = context;
  if (source.syncDeletions) return target;
  const restored = deletedThere(repository, ours, target);
  if (restored.size === 0) return target;
  const files = restored.size === 1 ? "1 file" : `${restored.size} files`;
  return repository.editCommit({
    parent: target,
    edits: restored,
    message: `Keep ${files} that another device deleted\n\n${deps.device} does not take deletions (sync_deletions: false).`,
    author: authorOf(context),
  });
}

function deletedThere(repository: Repository, ours: Oid, target: Oid): ReadonlyMap<RepoPath, FileVersion> {
  const differences = repository.compare(ours, target);
  const arrived = new Set(
    differences.flatMap(({ before, after }) =>
      before === undefined && after !== undefined ? [after.oid] : [],
    ),
  );
  const restored = new Map<RepoPath, FileVersion>();
  for (const { path, before, after } of differences) {
    if (before === undefined || after !== undefined || before.mode === MODE.submodule) continue;
    // It was moved; a copy that is gone is a conflict that somebody has resolved.
    if (arrived.has(before.oid) || isConflictCopy(path)) continue;
    if (isFree(repository, target, path)) restored.set(path, before);
  }
  return restored;
}

/** Neither a folder stands at the path now, nor a file where one of its folders was. */
function isFree(repository: Repository, target: Oid, path: RepoPath): boolean {
  if (repository.versionAt(target, path) !== undefined) return false;
  for (let folder = parentPath(path); folder !== ""; folder = parentPath(folder)) {
    const there = repository.versionAt(target, folder);
    if (there !== undefined) return there.mode === MODE.directory;
  }
  return true;
}
