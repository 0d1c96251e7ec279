import { repoPath } from "../../git/paths.ts";
import type { RepoSource, SettingsSource } from "../../config/config.ts";
import { SEALED } from "../../settings/cipher.ts";
import { readContent } from "../../settings/content.ts";
import { placeOf } from "../../settings/restore-plan.ts";
import type { Context, Deps } from "../deps.ts";
import { shortPath } from "../user-path.ts";
import { gatherPlaceOf, lookAtHome } from "./gather-home.ts";
import { placesOf, variantsOf } from "./selections-of.ts";

export type HomeDifference = {
  /** In the home, which is written as `~`. */
  readonly path: string;
  readonly change: "added" | "modified" | "deleted";
  /** Undefined for binary contents, and for what is kept encrypted: it is to be shown nowhere. */
  readonly patch: readonly string[] | undefined;
};

export type DiffHomeInput = {
  readonly source: SettingsSource;
  readonly repo: RepoSource;
  readonly device: string;
};

/** What the next sync would gather. Reads only. */
export async function diffHome(
  deps: Deps,
  { source, repo, device }: DiffHomeInput,
  context: Context,
): Promise<readonly HomeDifference[]> {
  const { directory } = repo;
  const repository = deps.git.open(directory);
  try {
    const place = gatherPlaceOf(repository);
    const { added, updated, removed } = await lookAtHome(deps, { source, repo, device }, place, context);
    const selections = await placesOf(deps);
    const variants = variantsOf(deps, { source, device, directory });
    const differences = (names: readonly string[], change: HomeDifference["change"]): HomeDifference[] =>
      names.flatMap((name) => {
        const found = placeOf({ selections, home: deps.home, variants }, repoPath(name));
        if (found === undefined) return [];
        const before = change === "added" ? undefined : readContent(`${directory}/${name}`)?.bytes;
        const after = change === "deleted" ? undefined : readContent(found.path)?.bytes;
        const patch = name.endsWith(SEALED) ? undefined : deps.git.diffText(before, after);
        return [{ path: shortPath(found.path, deps.home), change, patch }];
      });
    return [
      ...differences(updated, "modified"),
      ...differences(added, "added"),
      ...differences(removed, "deleted"),
    ];
  } finally {
    repository.close();
  }
}
