import type { Admit, Repository } from "../../git/git.ts";
import type { RepoPath } from "../../git/model.ts";
import type { WorkTreeChange } from "../../git/worktree/changes.ts";

/** Asks what a commit would ask, without one. */
export function previewChanges(
  repository: Repository,
  changes: readonly WorkTreeChange[],
  admit: Admit,
): void {
  for (const { kind, path } of changes) if (kind !== "deleted") preview(repository, path, admit);
}

/** A real commit does not hold larger ones in memory either. */
const LARGE_FILE = 4 * 1024 * 1024;

function preview(repository: Repository, path: RepoPath, admit: Admit): void {
  const size = repository.workStat(path)?.size;
  if (size === undefined) return;
  const bytes = size > LARGE_FILE ? undefined : repository.readWorkFile(path);
  admit({ path, size, bytes, oid: () => repository.workVersion(path)?.oid ?? "" });
}
