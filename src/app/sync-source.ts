import { LullError } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import type { BandwidthConfig, RepoSource, Source } from "../config/config.ts";
import type { Repository } from "../git/git.ts";
import type { Oid } from "../git/model.ts";
import type { JobCause } from "../queue/job.ts";
import type { SyncRun } from "../sync/outcome.ts";
import type { SyncDeps } from "../sync/run-context.ts";
import { toRunError } from "../sync/run-error.ts";
import { syncRepo } from "../sync/sync-repo.ts";
import type { Context, Deps } from "./deps.ts";
import { learnConflicts } from "./conflicts/learn-conflicts.ts";
import { followGuards } from "./guard-pause.ts";
import { emptyRun, noteSyncRun, tolerate } from "./history.ts";
import { openOptionsOf } from "./source-credentials.ts";

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
  if (input.source.kind !== "repo") return notYet(deps, input.source, input.dryRun);
  let lock: Disposable;
  try {
    lock = await acquirePatiently(deps, input, context);
  } catch (error) {
    return { ...untouched(deps, input), outcome: "failed", error: toRunError(error) };
  }
  using _ = lock;
  if (input.bandwidth !== undefined) deps.bandwidth.limits = input.bandwidth;
  return await syncRepo(syncDeps(deps, input), input.source satisfies RepoSource, {
    dryRun: input.dryRun,
    signal: context.signal,
    onEvent: context.onEvent,
    hints: input.hints,
    lastTip: () => tolerate(deps, () => deps.conflicts.mark(input.source.name)),
    atEnd: input.dryRun
      ? undefined
      : (repository, tip) => noteConflicts(deps, input.source.name, repository, tip),
  });
}

/** The sync itself is done: a list that can not be written now is made up with the next one. */
function noteConflicts(deps: Deps, source: string, repository: Repository, tip: Oid): void {
  tolerate(deps, () => {
    if (deps.conflicts.mark(source) !== tip) learnConflicts(deps, source, repository, tip);
  });
}

const LOOK_MS = 100;

/** @throws LullError `SOURCE_LOCKED` (kind `locked`), `INTERRUPTED` */
export async function acquirePatiently(
  deps: Pick<Deps, "locks">,
  input: Pick<SyncSourceInput, "patienceMs"> & { readonly source: Pick<Source, "name"> },
  context: Context,
): Promise<Disposable> {
  const { name } = input.source;
  const { patienceMs = 0 } = input;
  for (let waited = 0; ; waited += LOOK_MS) {
    try {
      return deps.locks.acquire(name);
    } catch (error) {
      const isBusy = error instanceof LullError && error.code === "SOURCE_LOCKED";
      if (!isBusy || waited >= patienceMs) throw error;
      context.onEvent?.({ kind: "step", source: name, step: "look", detail: `waiting: ${error.message}` });
      await sleep(LOOK_MS, context.signal);
    }
  }
}

/** What the algorithm of a sync needs, for one source. */
export function syncDeps(
  deps: Deps,
  { source, device }: Pick<SyncSourceInput, "source" | "device">,
): SyncDeps {
  const options = openOptionsOf(deps, source);
  return {
    git: deps.git,
    connect: (url: string, signal: AbortSignal) => deps.transport.open(url, { signal, ...options }),
    clock: deps.clock,
    device,
    userName: deps.userName,
    registration: deps.registration,
    random: Math.random,
  };
}

function notYet(deps: Deps, source: Source, dryRun: boolean): SyncRun {
  return {
    ...untouched(deps, { source, dryRun }),
    outcome: "skipped",
    reason: `this version of lull syncs repo sources only; "${source.name}" is of kind ${source.kind}`,
  };
}

function untouched(deps: Deps, { source, dryRun }: Pick<SyncSourceInput, "source" | "dryRun">) {
  return emptyRun({ source: source.name, startedAt: deps.clock.now(), dryRun });
}
