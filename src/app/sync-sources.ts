import { LullError } from "../base/errors.ts";
import type { JobCause } from "../queue/job.ts";
import type { Pause } from "../store/pause-store.ts";
import type { SyncRun } from "../sync/outcome.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { knownPauses } from "./history.ts";
import { EVERYTHING } from "./pause-sources.ts";
import { shareBandwidth } from "./share-bandwidth.ts";
import { syncSource } from "./sync-source.ts";

export type SyncInput = {
  /** Empty: all sources. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
  /** Who or what asks, for the history; default: a person. */
  readonly cause?: JobCause;
  /** How long another lull that syncs the same source is waited for; default: not at all. */
  readonly patienceMs?: number | undefined;
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
    const { dryRun, patienceMs } = input;
    const bandwidth = shareBandwidth(config.daemon.bandwidth, source, 1);
    const order = { source, device: config.device, dryRun, patienceMs, cause, bandwidth };
    runs.push(await syncSource(deps, order, context));
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
