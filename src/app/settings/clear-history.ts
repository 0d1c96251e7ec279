import type { Repository } from "../../git/git.ts";
import type { Oid } from "../../git/model.ts";
import { repoPath } from "../../git/paths.ts";

/** Newest commits that are looked at: a second of work, and years of most histories. */
const MOST_COMMITS = 5000;

/** Which of these names some commit of the branch has. Names as in the repository, as text. */
export function inHistory(repository: Repository, names: readonly string[]): ReadonlySet<string> {
  const state = repository.state();
  const head = state.kind === "ready" ? state.head.commit : undefined;
  const found = new Set<string>();
  if (head === undefined || names.length === 0) return found;
  const seen = new Set<Oid>();
  for (const { oid } of repository.log(head, MOST_COMMITS)) {
    const left = names.filter((name) => !found.has(name));
    if (left.length === 0) break;
    const folders = new Map<string, boolean>();
    for (const name of left) {
      const folder = name.slice(0, name.lastIndexOf("/"));
      const isNew = folders.get(folder) ?? isUnseen(repository, { commit: oid, folder, seen });
      folders.set(folder, isNew);
      if (isNew && repository.versionAt(oid, repoPath(name)) !== undefined) found.add(name);
    }
  }
  return found;
}

/** Most commits leave most folders as they were. */
function isUnseen(
  repository: Repository,
  { commit, folder, seen }: { readonly commit: Oid; readonly folder: string; readonly seen: Set<Oid> },
): boolean {
  const version = repository.versionAt(commit, repoPath(folder));
  if (version === undefined || seen.has(version.oid)) return false;
  seen.add(version.oid);
  return true;
}
