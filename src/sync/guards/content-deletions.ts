import type { FileDifference } from "../../git/git.ts";
import type { RepoPath } from "../../git/model.ts";

/** Paths that go and whose content does not come back under another name. */
export function contentDeletions(differences: readonly FileDifference[]): readonly RepoPath[] {
  const deleted = differences.filter(({ after }) => after === undefined);
  if (deleted.length === 0) return [];
  const added = new Set(
    differences.flatMap(({ before, after }) => (before === undefined ? (after?.oid ?? []) : [])),
  );
  return deleted.flatMap(({ path, before }) => (before !== undefined && added.has(before.oid) ? [] : [path]));
}
