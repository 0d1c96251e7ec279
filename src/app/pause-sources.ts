import type { Pause } from "../store/pause-store.ts";
import type { Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { noteChange } from "./history.ts";
import { readPauseWords } from "./pause-words.ts";

export type PauseSourcesInput = {
  /** Names, and at the end perhaps a duration, as typed; no name means all sources. */
  readonly words: readonly string[];
  /** The duration by its own flag. */
  readonly forText: string | undefined;
  readonly dryRun: boolean;
};

export type PausedResult = {
  /** What this command paused. */
  readonly changed: readonly Pause[];
  /** Everything that rests now, by whatever command. */
  readonly paused: readonly Pause[];
  readonly dryRun: boolean;
};

/** The name under which the pause of everything is kept. */
export const EVERYTHING = "*";

/**
 * Lets sources rest: nothing syncs them but a person who asks for it. A pause that there is already is replaced.
 *
 * Throws `UNKNOWN_SOURCE`, `BAD_VALUE` and errors of config and store.
 */
export async function pauseSources(deps: Deps, input: PauseSourcesInput): Promise<PausedResult> {
  const { config } = await deps.config.load();
  const known = config.sources.map(({ name }) => name);
  const { names, forMs } = readPauseWords(input.words, input.forText, known);
  const wanted = names.length === 0 ? [EVERYTHING] : findSources(config, names).map(({ name }) => name);
  const now = deps.clock.now();
  const changed = wanted.map((source) => ({
    source,
    since: now,
    until: forMs === undefined ? undefined : now + forMs,
    reason: `paused by ${deps.userName}`,
  }));
  if (!input.dryRun) {
    for (const pause of changed) {
      deps.pauses.pause(pause);
      const source = pause.source === EVERYTHING ? undefined : pause.source;
      noteChange(deps, { action: "pause", source, detail: { until: pause.until ?? null } });
    }
    await deps.daemon.poke({ kind: "reconsider" });
  }
  return { changed, paused: deps.pauses.list(now), dryRun: input.dryRun };
}
