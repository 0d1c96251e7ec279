/**
 * The settings kind as commands and the daemon use it: the managed repository, what goes into it from the home, and what
 * comes back. How files are found, compared and written is `settings/`; what a sync of the repository is, `sync/`.
 */
import { join } from "node:path";

import { makePrivateDirectory } from "../../base/atomic-file.ts";
import { LullError } from "../../base/errors.ts";
import type { RepoSource, SettingsSource } from "../../config/config.ts";
import { type Oid, shortRef } from "../../git/model.ts";
import type { SyncRun } from "../../sync/outcome.ts";
import type { SyncDeps, SyncOptions } from "../../sync/run-context.ts";
import type { Restored } from "../../settings/restore.ts";
import type { Context, Deps } from "../deps.ts";
import { emptyRun } from "../history.ts";
import { FIRST_BRANCH, firstBranch } from "../first-branch.ts";
import { shortPath } from "../user-path.ts";
import { gatherHome, gatherPlaceOf } from "./gather-home.ts";
import { bringHome } from "./bring-home.ts";
import { isOwnKey, RECIPIENTS_FILE, sourceRecipients } from "./source-recipients.ts";

export type SettingsSync = {
  readonly source: SettingsSource;
  /** Its repository. */
  readonly repo: RepoSource;
  readonly device: string;
  readonly dryRun: boolean;
  readonly onlyFetch: boolean;
  readonly connect: SyncDeps["connect"];
  /** Syncs the repository. */
  readonly sync: (prepare?: SyncOptions["prepare"]) => Promise<SyncRun>;
};

/**
 * Gathers into the managed repository, which is made first where it is missing, and syncs that. What other devices have
 * comes before the first gathering: this machine's files are compared with theirs, never put over them.
 * @throws LullError of the config, the remote or the disk when the repository can not be made
 */
export async function syncSettings(deps: Deps, input: SettingsSync, context: Context): Promise<SyncRun> {
  const { repo } = input;
  const state = deps.git.inspect(repo.directory);
  const isMissing = state.kind === "missing" || (state.kind === "not-a-repository" && isEmpty(deps, repo));
  const isNew = isMissing || (state.kind === "ready" && state.head.commit === undefined);
  if (isMissing && input.dryRun) return preview(deps, input, context);
  if (isMissing) await makeManaged(deps, input, context);
  if (input.onlyFetch) return input.sync();
  if (isNew && repo.remotes.length > 0 && !input.dryRun) {
    const first = await input.sync();
    if (isBroken(first)) return first;
  }
  const run = await input.sync((repository) => gatherHome(deps, input, gatherPlaceOf(repository), context));
  if (isBroken(run)) return run;
  const told = await withWaiting(deps, run, input);
  return followed(
    deps,
    input,
    { run: told, before: state.kind === "ready" ? state.head.commit : undefined },
    context,
  );
}

type Synced = {
  readonly run: SyncRun;
  /** The branch's commit when it began. */
  readonly before: Oid | undefined;
};

/** With `mode: two-way` the home follows what came. */
async function followed(
  deps: Deps,
  { source, repo, device, dryRun }: SettingsSync,
  { run, before }: Synced,
  context: Context,
): Promise<SyncRun> {
  if (source.mode !== "two-way" || dryRun || run.tip === undefined) return run;
  const ownFrom = isOwn(run) ? before : undefined;
  const done = await bringHome(deps, { source, repo, device, tip: run.tip, ownFrom }, context);
  return done === undefined ? run : withHome(deps, run, done);
}

/** Nothing came from anywhere else. */
function isOwn({ remotes, filesWritten, filesRemoved }: SyncRun): boolean {
  return filesWritten + filesRemoved === 0 && remotes.every(({ received }) => received === 0);
}

/** The folder may hold half of something. */
function isBroken({ outcome }: SyncRun): boolean {
  return outcome === "failed" || outcome === "skipped";
}

/** By the list as the sync has left it: it may have brought a new key. */
async function withWaiting(deps: Deps, run: SyncRun, { source, repo }: SettingsSync): Promise<SyncRun> {
  const told = await waitingFor(deps, source.name, repo.directory).catch((error: unknown) => {
    // The sync itself is done; the next one can not encrypt by such a list, and says so.
    if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
    return [error.message];
  });
  const warnings = told.map((reason) => ({ path: RECIPIENTS_FILE, reason }));
  return warnings.length === 0 ? run : { ...run, warnings: [...(run.warnings ?? []), ...warnings] };
}

async function waitingFor(deps: Deps, source: string, directory: string): Promise<readonly string[]> {
  const { age, own, list, accepted } = await sourceRecipients(deps, { source, directory });
  if (own === undefined) return [];
  return age.accepted
    .compare(list.recipients, accepted)
    .waiting.filter(({ key }) => !isOwnKey(own, key))
    .map(
      ({ name, key }) =>
        `${name} wants to read the encrypted files; if it is yours: lull secret recipients add ${source} ${key}`,
    );
}

function withHome({ home }: Deps, run: SyncRun, { written, removed, left }: Restored): SyncRun {
  if (written.length + removed.length + left.length === 0) return run;
  const stayed = left.map(({ path, reason }) => ({ path: shortPath(path, home), reason }));
  return {
    ...run,
    outcome: run.outcome === "up-to-date" && written.length + removed.length > 0 ? "synced" : run.outcome,
    broughtHome: { written: written.length, removed: removed.length },
    warnings: [...(run.warnings ?? []), ...stayed],
  };
}

/** A dry run makes no repository: everything would be new. */
async function preview(deps: Deps, input: SettingsSync, context: Context): Promise<SyncRun> {
  const { source, repo } = input;
  const managed = {
    gitDirectory: join(repo.directory, ".git"),
    isCommitted: () => true,
    inHistory: () => new Set<string>(),
  };
  const prepared = await gatherHome(deps, input, managed, context);
  const files = prepared.gathered.added;
  return {
    ...emptyRun({ source: source.name, startedAt: deps.clock.now(), dryRun: true }),
    ...prepared,
    outcome: files === 0 ? "up-to-date" : "synced",
    committed: files === 0 ? undefined : { commit: undefined, files },
  };
}

function isEmpty(deps: Deps, { directory }: RepoSource): boolean {
  return deps.isEmptyDirectory(directory) !== false;
}

/** Private to the user: it holds what lies in private folders of the home. */
async function makeManaged(deps: Deps, { repo, connect }: SettingsSync, { signal }: Context): Promise<void> {
  const [main] = repo.remotes;
  const branch = main === undefined ? FIRST_BRANCH : await firstBranch(deps, await connect(main.url, signal));
  makePrivateDirectory(repo.directory);
  deps.git.init(repo.directory, { bare: false, branch: shortRef(branch), isVerbatim: true });
}
