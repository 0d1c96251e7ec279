import { readSideFile, type SideFile, writeSideFile } from "../../base/side-file.ts";
import type { RepoSource, SettingsSource } from "../../config/config.ts";
import type { Repository } from "../../git/git.ts";
import type { Oid } from "../../git/model.ts";
import { repoPath } from "../../git/paths.ts";
import { branchCopy, hasBranchCopy } from "../../settings/branch-copies.ts";
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
  /** The branch's commit before the sync, when all that came upon it was gathered here; else undefined. */
  readonly ownFrom: Oid | undefined;
};

/**
 * With `mode: two-way`, after a sync and under its lock: what came in goes to where it lives. Undefined: nothing did since
 * everything was in step.
 */
export async function bringHome(
  deps: Deps,
  input: BringHomeInput,
  context: Context,
): Promise<Restored | undefined> {
  const { source, repo, device, tip, ownFrom } = input;
  const { directory } = repo;
  const repository: Repository = deps.git.open(directory);
  try {
    const inStep: SideFile = {
      gitDirectory: repository.gitDirectory,
      name: "home-in-step.json",
      largest: 1024 * 1024,
    };
    const selections = await selectionsOf(deps, source);
    // Other apps and files may have come under it.
    const key = digestOf(JSON.stringify([selections, source.syncDeletions]));
    const last = readSideFile(inStep);
    if (
      last?.["key"] === key &&
      (last["tip"] === tip || (ownFrom !== undefined && last["tip"] === ownFrom))
    ) {
      if (last["tip"] !== tip) writeSideFile(inStep, `${JSON.stringify({ tip, key })}\n`);
      return undefined;
    }
    const { signal } = context;
    const cipher = await sourceCipher(deps, { source, device, directory, signal });
    const variants = variantsOf(deps, { source, device, directory });
    const managed = { source, repo, repository, cipher, variants };
    const files = filesAt(repository, tip);
    const planned = await planOf(deps, managed, { files, signal });
    const found = await incoming({
      planned,
      record: readGathered(repository.gitDirectory).files,
      isCovered: covering(selections),
      branch: (copy) => branchCopy(directory, variants.nameOf(copy), cipher),
      isThere: (copy) => hasBranchCopy(directory, variants.nameOf(copy)),
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
    const work = { ...found, before: "a change of the home", target, device, folders: files };
    const done = await carryOut(deps, managed, work, context);
    // Whatever could not be brought is tried again.
    if (!found.isWaiting && done.left.length === 0 && planned.every(({ is }) => is !== "unknown"))
      writeSideFile(inStep, `${JSON.stringify({ tip, key })}\n`);
    return done;
  } finally {
    repository.close();
  }
}

function digestOf(text: string): string {
  return new Bun.CryptoHasher("sha256").update(text).digest("hex");
}
