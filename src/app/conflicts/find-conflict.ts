import { relative, sep } from "node:path";

import { LullError } from "../../base/errors.ts";
import type { RepoSource } from "../../config/config.ts";
import { displayPath, repoPath } from "../../git/paths.ts";
import type { StoredConflict } from "../../store/conflict-store.ts";
import type { Deps } from "../deps.ts";
import { absolutePath } from "../user-path.ts";
import { findRepos } from "../repo-of.ts";
import { refreshConflicts } from "./list-conflicts.ts";
import { recordOf } from "./learn-conflicts.ts";

export type FoundConflict = { readonly source: RepoSource; readonly conflict: StoredConflict };

/**
 * Returns the newest open conflict of what a person names: the path within a source, a path on this machine, or the
 * name of the copy.
 * @throws LullError `NO_SUCH_CONFLICT` or `AMBIGUOUS_PATH` (kind `usage`)
 */
export function findConflict(
  deps: Pick<Deps, "conflicts" | "cwd" | "home">,
  sources: readonly RepoSource[],
  text: string,
): FoundConflict {
  const found = sources.flatMap((source) => {
    const names = new Set([repoPath(text), pathWithin(source, absolutePath(text, deps))]);
    const conflict = deps.conflicts.list({ source: source.name, open: true }).find((candidate) => {
      const { path, copy } = recordOf(candidate);
      return names.has(path) || (copy !== undefined && names.has(copy));
    });
    return conflict === undefined ? [] : [{ source, conflict }];
  });
  const [first, second] = found;
  if (first === undefined) throw noSuchConflict(text);
  if (second === undefined) return first;
  const exact = found.filter(({ source }) => pathWithin(source, absolutePath(text, deps)) !== undefined);
  if (exact.length === 1 && exact[0] !== undefined) return exact[0];
  throw new LullError({
    kind: "usage",
    code: "AMBIGUOUS_PATH",
    message: `${text} has an open conflict in ${found.map(({ source }) => source.name).join(" and ")}`,
    hint: `say which: lull resolve ${text} --source ${first.source.name}`,
  });
}

/** The path of a file within a source, or undefined when it lies elsewhere. */
function pathWithin({ directory }: RepoSource, path: string): string | undefined {
  const inside = relative(directory, path);
  if (inside === "" || inside === ".." || inside.startsWith(`..${sep}`) || inside === path) return undefined;
  return repoPath(inside.split(sep).join("/"));
}

export function noSuchConflict(text: string): LullError {
  return new LullError({
    kind: "usage",
    code: "NO_SUCH_CONFLICT",
    message: `${displayPath(repoPath(text))} has no open conflict`,
    hint: "`lull conflicts` shows the open ones; `lull conflicts --all` the resolved ones, too",
  });
}

/** The sources whose conflicts a command is about, looked at as they are now. */
export async function openConflicts(
  deps: Deps,
  names: readonly string[],
): Promise<{ readonly device: string; readonly sources: readonly RepoSource[] }> {
  const { config } = await deps.config.load();
  const sources = findRepos(deps, config, names);
  for (const source of sources) refreshConflicts(deps, source);
  return { device: config.device, sources };
}
