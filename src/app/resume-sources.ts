import type { Pause } from "../store/pause-store.ts";
import type { Deps } from "./deps.ts";
import { findSource } from "./find-source.ts";
import { noteChange } from "./history.ts";
import { EVERYTHING } from "./pause-sources.ts";

export type ResumeSourcesInput = {
  /** Empty: every pause ends, that of all and those of single sources. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
};

export type ResumedResult = {
  /** Pauses that ended. */
  readonly resumed: readonly Pause[];
  /** What still rests; a source that was named may be among it, by the pause of all. */
  readonly paused: readonly Pause[];
  readonly dryRun: boolean;
};

/** Throws `UNKNOWN_SOURCE` for a name that neither the config nor a pause has. */
export async function resumeSources(deps: Deps, input: ResumeSourcesInput): Promise<ResumedResult> {
  const now = deps.clock.now();
  const before = deps.pauses.list(now);
  await refuseUnknown(deps, input.names, before);
  const resumed =
    input.names.length === 0 ? before : before.filter(({ source }) => input.names.includes(source));
  for (const pause of input.dryRun ? [] : resumed) {
    deps.pauses.resume(pause.source, now);
    const source = pause.source === EVERYTHING ? undefined : pause.source;
    noteChange(deps, { action: "resume", source, detail: { pausedSince: pause.since } });
  }
  if (resumed.length > 0 && !input.dryRun) await deps.daemon.poke({ kind: "reconsider" });
  return { resumed, paused: before.filter((pause) => !resumed.includes(pause)), dryRun: input.dryRun };
}

/** A source that has left the config can still be let go. */
async function refuseUnknown(deps: Deps, names: readonly string[], paused: readonly Pause[]): Promise<void> {
  const unknown = names.filter((name) => paused.every(({ source }) => source !== name));
  if (unknown.length === 0) return;
  const { config } = await deps.config.load();
  for (const name of unknown) findSource(config, name);
}
