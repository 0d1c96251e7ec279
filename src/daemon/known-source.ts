import { hostOf } from "../app/run-end.ts";
import type { Config, Source } from "../config/config.ts";
import type { JobQueue } from "../queue/queue.ts";
import { parseSchedule, type Schedule } from "../schedule/schedule.ts";

/** A source as the daemon keeps it in mind. */
export type KnownSource = {
  readonly source: Source;
  readonly schedules: readonly Schedule[];
  /** Of the main remote, if it is reached over the network: its limit and its holds count. */
  readonly host: string | undefined;
};

/** The sources that the daemon cares for: those that are switched on and of a kind that can be synced. */
export function knownSources(config: Config): ReadonlyMap<string, KnownSource> {
  return new Map(
    config.sources
      .filter((source) => source.enabled && source.kind !== "discover")
      .map((source) => [
        source.name,
        {
          source,
          schedules: source.schedules.map(parseSchedule),
          host: source.remotes.map(({ url }) => hostOf(url)).find((host) => host !== undefined),
        },
      ]),
  );
}

/** Jobs of sources that left the config. One that runs ends first; it is forgotten at the next change or start. */
export function forgetUnknownJobs(
  queue: Pick<JobQueue, "list" | "remove">,
  known: ReadonlyMap<string, KnownSource>,
): void {
  for (const { source, state } of queue.list()) {
    if (!known.has(source) && state !== "running") queue.remove(source);
  }
}
