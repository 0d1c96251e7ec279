import type { BandwidthConfig, Source } from "../config/config.ts";
import type { Repository } from "../git/git.ts";
import type { Oid } from "../git/model.ts";
import type { JobCause } from "../queue/job.ts";
import type { SyncRun } from "../sync/outcome.ts";
import type { SyncOptions } from "../sync/run-context.ts";
import { toRunError } from "../sync/run-error.ts";
import { syncRepo } from "../sync/sync-repo.ts";
import { acquirePatiently } from "./acquire-patiently.ts";
import type { Context, Deps } from "./deps.ts";
import { learnConflicts } from "./conflicts/learn-conflicts.ts";
import { followGuards } from "./guard-pause.ts";
import { emptyRun, noteSyncRun, tolerate } from "./history.ts";
import { repoOf } from "./repo-of.ts";
import { syncSettings } from "./settings/sync-settings.ts";
import { syncDeps } from "./sync-deps.ts";

export type SyncSourceInput = {
  /** As the config has it, or had it when the sync was asked for. */
  readonly source: Source;
  readonly device: string;
  readonly dryRun: boolean;
  readonly cause: JobCause;
  /** Repository paths that may have changed since this process last scanned the source. */
  readonly hints?: readonly string[] | undefined;
  /** How long another lull that syncs the same source is waited for; default: not at all. */
  readonly patienceMs?: number | undefined;
  /** Of a settings source: nothing is gathered, and nothing goes to the home. */
  readonly onlyFetch?: boolean | undefined;
  /** What it may use of the network; left out: what this process was told last. */
  readonly bandwidth?: BandwidthConfig | undefined;
};

/** Syncs one source under its lock and records the run. Failures are part of the result. */
export async function syncSource(deps: Deps, input: SyncSourceInput, context: Context): Promise<SyncRun> {
  const run = await perform(deps, input, context);
  if (!input.dryRun) {
    noteSyncRun(deps, run, input.cause);
    followGuards(deps, run);
  }
  return run;
}

async function perform(deps: Deps, input: SyncSourceInput, context: Context): Promise<SyncRun> {
  const { source } = input;
  const repo = repoOf(deps, source);
  if (repo === undefined) return notYet(deps, source, input.dryRun);
  let lock: Disposable;
  try {
    lock = await acquirePatiently(deps, input, context);
  } catch (error) {
    return { ...untouched(deps, input), outcome: "failed", error: toRunError(error) };
  }
  using _ = lock;
  if (input.bandwidth !== undefined) deps.bandwidth.limits = input.bandwidth;
  const { dryRun } = input;
  const parts = syncDeps(deps, input);
  const sync = (prepare?: SyncOptions["prepare"]): Promise<SyncRun> =>
    syncRepo(parts, repo, {
      dryRun,
      signal: context.signal,
      onEvent: context.onEvent,
      hints: input.hints,
      lastTip: () => tolerate(deps, () => deps.conflicts.mark(source.name)),
      prepare,
      atEnd: dryRun ? undefined : (repository, tip) => noteConflicts(deps, source.name, repository, tip),
    });
  if (source.kind !== "settings") return await sync();
  const { device, onlyFetch = false } = input;
  const settings = { source, repo, device, dryRun, onlyFetch, connect: parts.connect, sync };
  try {
    return await syncSettings(deps, settings, context);
  } catch (error) {
    return { ...untouched(deps, input), outcome: "failed", error: toRunError(error, source.name) };
  }
}

/** The sync itself is done: a list that can not be written now is made up with the next one. */
function noteConflicts(deps: Deps, source: string, repository: Repository, tip: Oid): void {
  tolerate(deps, () => {
    if (deps.conflicts.mark(source) !== tip) learnConflicts(deps, source, repository, tip);
  });
}

function notYet(deps: Deps, source: Source, dryRun: boolean): SyncRun {
  return {
    ...untouched(deps, { source, dryRun }),
    outcome: "skipped",
    reason: `this version of lull syncs no source of kind ${source.kind} ("${source.name}")`,
  };
}

function untouched(deps: Deps, { source, dryRun }: Pick<SyncSourceInput, "source" | "dryRun">) {
  return emptyRun({ source: source.name, startedAt: deps.clock.now(), dryRun });
}
