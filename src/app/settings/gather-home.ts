import { lstatSync } from "node:fs";
import { join } from "node:path";

import type { RepoSource, SettingsSource } from "../../config/config.ts";
import type { Repository } from "../../git/git.ts";
import { displayPath, repoPath } from "../../git/paths.ts";
import type { FoundFile } from "../../settings/find-files.ts";
import type { Gather, Kept } from "../../settings/gather.ts";
import { type GatheredSource, gatherSource } from "../../settings/gather-source.ts";
import { localStamp } from "../../sync/commit-message.ts";
import { conflictCopyPath } from "../../sync/conflicts/copy-path.ts";
import { strategyFor } from "../../sync/conflicts/strategy-for.ts";
import type { Prepared } from "../../sync/run-context.ts";
import type { Context, Deps } from "../deps.ts";
import { shortPath } from "../user-path.ts";
import { stageSelected } from "./preferences.ts";
import { inHistory } from "./clear-history.ts";
import { sourceCipher, type SourceCipher } from "./source-cipher.ts";
import { RECIPIENTS_FILE } from "./source-recipients.ts";
import { neverGathered, selectionsOf, variantsOf } from "./selections-of.ts";

export type GatherHomeInput = {
  readonly source: SettingsSource;
  /** Its repository. */
  readonly repo: RepoSource;
  readonly device: string;
  readonly dryRun: boolean;
};

/** The managed repository, as far as gathering has to do with it. */
export type GatherPlace = {
  readonly gitDirectory: string;
  /** Whether a copy, by its name, is in the history as it stands. */
  readonly isCommitted: (name: string) => boolean;
  /** Which of these names some commit has. */
  readonly inHistory: (names: readonly string[]) => ReadonlySet<string>;
};

export function gatherPlaceOf(repository: Repository): GatherPlace {
  const { gitDirectory } = repository;
  return {
    gitDirectory,
    isCommitted: (name) => isInCommit(repository, name),
    inHistory: (names) => inHistory(repository, names),
  };
}

/** Brings what changed in the home into the managed folder, under the source's lock; in a dry run it only looks. */
export async function gatherHome(
  deps: Deps,
  input: GatherHomeInput,
  place: GatherPlace,
  context: Context,
): Promise<Prepared> {
  const { result, cipher } = await gatherWith(deps, input, place, context);
  if (!input.dryRun) cipher?.accept(result.hasSealed);
  const wasClear = place.inHistory(result.newlySealed.map(({ copy }) => copy));
  return preparedOf(result, deps.home, wasClear);
}

/** What the next sync would gather, by the names of the copies. */
export async function lookAtHome(
  deps: Deps,
  input: Omit<GatherHomeInput, "dryRun">,
  place: GatherPlace,
  context: Context,
): Promise<Gather> {
  return (await gatherWith(deps, { ...input, dryRun: true }, place, context)).result;
}

type Gathering = { readonly result: GatheredSource; readonly cipher: SourceCipher | undefined };

async function gatherWith(
  deps: Deps,
  { source, repo, device, dryRun }: GatherHomeInput,
  { gitDirectory, isCommitted }: GatherPlace,
  { signal }: Context,
): Promise<Gathering> {
  const { home, clock, settings } = deps;
  const { directory } = repo;
  const cipher = await sourceCipher(deps, { source, device, directory, signal });
  const staged = await stageSelected(deps, await selectionsOf(deps, source), signal);
  const result = await gatherSource({
    selections: staged.selections,
    place: { directory: repo.directory, gitDirectory, openSync: settings.openSync },
    home,
    openFolderStats: settings.openFolderStats,
    never: neverGathered(deps),
    cipher,
    recipients: cipher?.listText === undefined ? undefined : { name: RECIPIENTS_FILE, text: cipher.listText },
    syncDeletions: source.syncDeletions,
    both: (file) => keptOf(source, file, repo),
    besideName: (name) => displayPath(conflictCopyPath(repoPath(name), { device, stamp: localStamp(clock) })),
    homeFollows: source.mode === "two-way",
    variants: variantsOf(deps, { source, device, directory }),
    isCommitted,
    largest: source.guards.fileSize ?? Number.POSITIVE_INFINITY,
    hasModes: settings.hasModes,
    dryRun,
    clock,
    signal,
  });
  return { result: { ...result, passedOver: [...result.passedOver, ...staged.unstaged] }, cipher };
}

/** The version that is not kept stays in the history, or in a savepoint. A backup is of this machine. */
function keptOf(source: SettingsSource, file: FoundFile, repo: RepoSource): Kept {
  switch (strategyFor(source.conflicts, repoPath(file.copy))) {
    case "theirs":
      return "copy";
    case "newest":
      return copyTime(join(repo.directory, file.copy)) > file.stat.mtimeMs ? "copy" : "home";
    case "ours":
      return "home";
    default:
      return source.mode === "two-way" ? "beside" : "home";
  }
}

/** When it came here, or was gathered; the file in the home was changed after the gathering before. */
function copyTime(path: string): number {
  return lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function isInCommit(repository: Repository, name: string): boolean {
  const path = repoPath(name);
  const [work, index] = [repository.workVersion(path), repository.indexVersion(path)];
  return work !== undefined && work.oid === index?.oid;
}

function preparedOf(result: Gather, home: string, wasClear: ReadonlySet<string>): Prepared {
  const { added, updated, removed, undecided, passedOver, met, newlySealed } = result;
  return {
    gathered: { added: added.length, updated: updated.length, removed: removed.length },
    skippedPaths: [
      ...passedOver.map(({ path, reason }) => ({ path: shortPath(path, home), reason })),
      ...undecided.map(({ path }) => ({ path: shortPath(path, home), reason: UNDECIDED })),
    ],
    warnings: [
      ...met.map(({ copy, kept }) => ({ path: copy, reason: MET[kept] })),
      ...newlySealed
        .filter(({ copy }) => wasClear.has(copy))
        .map(({ path }) => ({ path: shortPath(path, home), reason: WAS_CLEAR })),
    ],
  };
}

const UNDECIDED = "another device's copy differs; `lull adopt` shows both and decides";
const WAS_CLEAR =
  "encrypted from now on, but older versions stand in clear in the history: change what is secret in it (`lull secret recipients --help` tells how to leave the history behind)";
const MET = {
  beside: "changed here and on another device: the other's version has the name, this one's is beside it",
  home: "changed here and on another device: this one's version is kept, the other is in the history",
  copy: "changed here and on another device: the other's version is kept in the repository, this one's in the home",
} as const;
