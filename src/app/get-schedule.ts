import type { Source, WatchConfig } from "../config/config.ts";
import type { UpcomingSchedule } from "../schedule/upcoming.ts";
import type { Pause } from "../store/pause-store.ts";
import type { StoredRun } from "../store/run-store.ts";
import type { Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { knownRuns, knownSchedules } from "./history.ts";

export type ScheduleInput = {
  readonly names: readonly string[];
  /** How many runs of each schedule. */
  readonly count: number;
};

export type SourceSchedule = {
  readonly name: string;
  readonly kind: Source["kind"];
  /** False: it is switched off, and nothing of the rest happens by itself. */
  readonly enabled: boolean;
  /** Its own pause, or that of everything. */
  readonly paused: Pause | undefined;
  readonly lastRun: StoredRun | undefined;
  readonly watch: WatchConfig | undefined;
  readonly schedules: readonly UpcomingSchedule[];
};

type ScheduleDeps = Pick<Deps, "config" | "clock" | "runs" | "log" | "schedules" | "upcoming"> & {
  readonly pauses?: Pick<Deps["pauses"], "find">;
};

/** Tells when each source is due, as the daemon would find it now; whether one runs or not does not matter. */
export async function getSchedule(
  deps: ScheduleDeps,
  input: ScheduleInput,
): Promise<readonly SourceSchedule[]> {
  const { config } = await deps.config.load();
  const now = deps.clock.now();
  const shown: SourceSchedule[] = [];
  for (const source of findSources(config, input.names)) {
    const runs = knownRuns(deps, source.name);
    const schedules = await deps.upcoming({
      source: source.name,
      schedules: source.schedules,
      rows: knownSchedules(deps, source.name),
      lastRunAt: runs.newestGood?.startedAt,
      device: config.device,
      now,
      count: source.enabled ? input.count : 0,
    });
    shown.push({
      name: source.name,
      kind: source.kind,
      enabled: source.enabled,
      paused: deps.pauses?.find(source.name, now),
      lastRun: runs.newest,
      watch: source.watch,
      schedules,
    });
  }
  return shown;
}
