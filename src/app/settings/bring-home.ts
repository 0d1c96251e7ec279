import type { RepoSource, SettingsSource } from "../../config/config.ts";
import type { Repository } from "../../git/git.ts";
import type { Oid } from "../../git/model.ts";
import { repoPath } from "../../git/paths.ts";
import { branchCopy } from "../../settings/branch-copies.ts";
import { SEALED } from "../../settings/cipher.ts";
import { covering } from "../../settings/covers.ts";
import { readGathered } from "../../settings/gather-record.ts";
import { incoming } from "../../settings/incoming.ts";
import { filesAt } from "../../settings/repository-files.ts";
import { placeOf } from "../../settings/restore-plan.ts";
import type { Restored } from "../../settings/restore.ts";
import type { Context, Deps } from "../deps.ts";
import { carryOut, planOf } from "./managed-repository.ts";
import { sourceCipher } from "./source-cipher.ts";
import { selectionsOf, variantsOf } from "./selections-of.ts";

export type BringHomeInput = {
  readonly source: SettingsSource;
  readonly repo: RepoSource;
  readonly device: string;
  readonly tip: Oid;
};

/** With `mode: two-way`, after a sync and under its lock: what came in goes to where it lives. */
export async function bringHome(
  deps: Deps,
  { source, repo, device, tip }: BringHomeInput,
  context: Context,
): Promise<Restored> {
  const repository: Repository = deps.git.open(repo.directory);
  try {
    const { directory } = repo;
    const { signal } = context;
    const cipher = await sourceCipher(deps, { source, device, directory, signal });
    const variants = variantsOf(deps, { source, device, directory });
    const managed = { source, repo, repository, cipher, variants };
    const selections = await selectionsOf(deps, source);
    const files = filesAt(repository, tip);
    const found = await incoming({
      planned: await planOf(deps, managed, { files, signal }),
      record: readGathered(repository.gitDirectory).files,
      isCovered: covering(selections),
      branch: (copy) => branchCopy(directory, variants.nameOf(copy), cipher),
      placeOf: (copy, isSealed) => {
        const plain = variants.nameOf(copy);
        const name = repoPath(isSealed ? plain + SEALED : plain);
        const place = placeOf({ selections, home: deps.home, variants }, name);
        return place === undefined || place.outside ? undefined : { path: place.path, name };
      },
      syncDeletions: source.syncDeletions,
    });
    const target = {
      commit: tip,
      at: deps.clock.now(),
      savepoint: undefined,
      before: undefined,
      staged: undefined,
    };
    return await carryOut(
      deps,
      managed,
      { ...found, before: "a change of the home", target, device, folders: files },
      context,
    );
  } finally {
    repository.close();
  }
}
