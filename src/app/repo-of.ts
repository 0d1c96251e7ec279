import { join } from "node:path";

import type { Config, RepoSource, Source } from "../config/config.ts";
import { MODES_FILE } from "../settings/modes-file.ts";
import type { Deps } from "./deps.ts";
import { RECIPIENTS_FILE } from "./settings/source-recipients.ts";
import { findSources } from "./find-source.ts";

type Known = Pick<Deps, "places">;

/**
 * The repository of a source, as everything that works on repositories sees it: for a settings source the one that lull
 * manages. Undefined for kinds that have none of their own.
 */
export function repoOf({ places }: Known, source: Source): RepoSource | undefined {
  if (source.kind === "repo") return source;
  if (source.kind !== "settings") return undefined;
  const { mode: _, apps: __, files: ___, exclude: ____, variants: _____, ...common } = source;
  return {
    ...common,
    kind: "repo",
    directory: source.directory ?? join(places.dataDirectory, "settings", source.name),
    branches: [],
    // Lines of two devices: those of both are right.
    conflicts: [
      { glob: `/${MODES_FILE}`, strategy: "union" },
      { glob: `/${RECIPIENTS_FILE}`, strategy: "union" },
      ...source.conflicts,
    ],
  };
}

/** As `findSources`, of those that have a repository. */
export function findRepos(deps: Known, config: Config, names: readonly string[]): readonly RepoSource[] {
  return findSources(config, names).flatMap((source) => repoOf(deps, source) ?? []);
}
