import { LullError } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import type { RepoSource, Source } from "../config/config.ts";
import type { JobCause } from "../queue/job.ts";
import type { Pause } from "../store/pause-store.ts";
import type { SyncRun } from "../sync/outcome.ts";
import { toRunError } from "../sync/run-error.ts";
import { syncRepo } from "../sync/sync-repo.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { emptyRun, knownPauses, noteSyncRun } from "./history.ts";
import { EVERYTHING } from "./pause-sources.ts";

export type SyncInput = {
  /** Empty: all sources. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
  /** Repository paths that may have changed since this process last scanned the one source that is named. */
  readonly hints?: readonly string[] | undefined;
  /** Who or what asks, for the history; default: a person. */
  readonly cause?: JobCause;
  /** How long another lull that syncs the same source is waited for; default: not at all. */
  readonly patienceMs?: number;
};

export type SyncReport = {
  readonly runs: readonly SyncRun[];
  /** Pauses of what was synced all the same, because a person asked for it. */
  readonly paused: readonly Pause[];
  readonly durationMs: number;
  /** About the config: what works but should not stay so. */
  readonly warnings: readonly string[];
};

/**
 * Syncs sources one after the other and records each run. One failing source never stops the others; an
 * interruption does. Throws only for usage and config errors.
 */
export async function syncSources(deps: Deps, input: SyncInput, context: Context): Promise<SyncReport> {
  const { config, warnings } = await deps.config.load();
  const { cause = "person" } = input;
  const started = deps.clock.monotonic();
  const named = findSources(config, input.names);
  // A person who names a source means it, switched off or not.
  const sources = input.names.length > 0 ? named : named.filter((source) => source.enabled);
  if (sources.length === 0) throw nothingToSync(named.length);
  const runs: SyncRun[] = [];
  for (const source of sources) {
    if (context.signal.aborted) break;
    const run = await syncOne(deps, { source, device: config.device, ...input }, context);
    runs.push(run);
    if (!input.dryRun) noteSyncRun(deps, run, cause);
  }
  // Looked up at the end: the history is open by then, and a sync by hand does not depend on it.
  const isByHand = cause === "person" && !input.dryRun;
  const paused = isByHand ? pausesOf(deps, runs) : [];
  return { runs, paused, durationMs: Math.round(deps.clock.monotonic() - started), warnings };
}

function pausesOf(deps: Deps, runs: readonly SyncRun[]): readonly Pause[] {
  const synced = new Set([EVERYTHING, ...runs.map((run) => run.source)]);
  return knownPauses(deps).filter((pause) => synced.has(pause.source));
}

type OneInput = { readonly source: Source; readonly device: string } & Pick<
  SyncInput,
  "dryRun" | "hints" | "patienceMs"
>;

async function syncOne(deps: Deps, input: OneInput, context: Context): Promise<SyncRun> {
  if (input.source.kind !== "repo") return notYet(deps, input.source, input.dryRun);
  let lock: Disposable;
  try {
    lock = await acquirePatiently(deps, input, context);
  } catch (error) {
    return { ...untouched(deps, input), outcome: "failed", error: toRunError(error) };
  }
  using _ = lock;
  return await syncRepo(syncDeps(deps, input.device), input.source satisfies RepoSource, {
    dryRun: input.dryRun,
    signal: context.signal,
    onEvent: context.onEvent,
    hints: input.hints,
  });
}

const LOOK_MS = 100;

async function acquirePatiently(deps: Deps, input: OneInput, context: Context): Promise<Disposable> {
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

function syncDeps(deps: Deps, device: string) {
  return {
    git: deps.git,
    connect: (url: string, signal: AbortSignal) => deps.transport.open(url, { signal }),
    clock: deps.clock,
    device,
    userName: deps.userName,
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

function untouched(deps: Deps, { source, dryRun }: Pick<OneInput, "source" | "dryRun">) {
  return emptyRun({ source: source.name, startedAt: deps.clock.now(), dryRun });
}

function nothingToSync(switchedOff: number): LullError {
  return new LullError({
    kind: "config",
    code: "NO_SOURCES",
    message: switchedOff === 0 ? "the config names no source yet" : "every source is switched off",
    hint:
      switchedOff === 0
        ? "take in a folder with `lull add <folder>`"
        : "name one to sync it all the same, or take `enabled: false` out of the config",
  });
}
