import type { RepoSource } from "../config/config.ts";
import type { Savepoint } from "../git/git.ts";
import type { Deps } from "./deps.ts";
import { findRepos } from "./repo-of.ts";

export type SourceSavepoints = {
  readonly source: string;
  readonly directory: string;
  /** Newest first. */
  readonly savepoints: readonly Savepoint[];
};

/** Returns what each source can be taken back to. No network and no lock is used. */
export async function listSavepoints(
  deps: Deps,
  input: { readonly names: readonly string[] },
): Promise<readonly SourceSavepoints[]> {
  const { config } = await deps.config.load();
  return findRepos(deps, config, input.names).map((source) => ({
    source: source.name,
    directory: source.directory,
    savepoints: savepointsOf(deps, source),
  }));
}

/** A folder that is gone has none to show, which is no reason not to show the others'. */
function savepointsOf(deps: Deps, source: RepoSource): readonly Savepoint[] {
  const { kind } = deps.git.inspect(source.directory);
  if (kind === "missing" || kind === "not-a-repository" || kind === "unsupported") return [];
  const repository = deps.git.open(source.directory);
  try {
    return repository.savepoints().filter((savepoint) => isOf(savepoint, source.name));
  } finally {
    repository.close();
  }
}

/** Two work trees of one repository share their refs. */
export function isOf({ source }: Savepoint, name: string): boolean {
  return source === name || source === "";
}
