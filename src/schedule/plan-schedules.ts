/**
 * The decision of one look at the clock: which schedules have come, what is to be remembered, when to look again.
 * Pure; the caller stores `changes` together with the requests it makes of `due`.
 */
import type { ScheduleChanges, ScheduleRow } from "../store/schedule-store.ts";
import { stepOf } from "./schedule-step.ts";
import type { Schedule } from "./schedule.ts";

/** A source that is switched on. One that is not is left out: it loses its rows, and starts anew later. */
export type ScheduledSource = {
  readonly name: string;
  readonly schedules: readonly Schedule[];
  /** When the newest run that did not fail began, whoever asked for it; intervals count from there. */
  readonly lastRunAt: number | undefined;
};

export type PlanInput = {
  /** Wall time, milliseconds since 1970 UTC. */
  readonly now: number;
  /** True for the first plan of a daemon's life only: `on start` is due then. */
  readonly starting: boolean;
  /** This machine's name: its jitter differs from that of other devices with the same config. */
  readonly device: string;
  readonly sources: readonly ScheduledSource[];
  /** As stored, or `rows` of the plan before. */
  readonly rows: readonly ScheduleRow[];
};

export type DueSchedule = {
  readonly source: string;
  readonly schedule: Schedule;
  /** `catch-up`: it came while nobody looked (sleep, downtime, a jump of the clock). */
  readonly cause: "schedule" | "start" | "catch-up";
  /** The occurrence: of several that were missed the first. Never later than now. */
  readonly dueSince: number;
  /** The run starts at this time at the earliest: jitter, or the spread of catch-up runs. May be in the past. */
  readonly notBefore: number;
};

/** Missed, and not made up for because of `catch_up: false`. */
export type SkippedSchedule = {
  readonly source: string;
  readonly schedule: Schedule;
  readonly missedAt: number;
  /** When it is due instead. */
  readonly nextAt: number | undefined;
};

export type SchedulePlan = {
  readonly due: readonly DueSchedule[];
  readonly skipped: readonly SkippedSchedule[];
  /** For `ScheduleStore.save`, before or together with the requests. */
  readonly changes: ScheduleChanges;
  /** All rows after the changes: the input of the next plan. */
  readonly rows: readonly ScheduleRow[];
  /** When to plan again, at the latest `LONGEST_WAIT_MS` from now; undefined: no schedule waits for a time. */
  readonly wakeAt: number | undefined;
};

/**
 * The wall clock may jump, and timers stand still while a machine sleeps: however far the next run is, the clock is
 * looked at again after so long.
 */
export const LONGEST_WAIT_MS = 60_000;

/** Of each schedule of each source; a schedule that a source lists twice counts once. */
export function planSchedules(input: PlanInput): SchedulePlan {
  const known = bySource(input.rows);
  const rows: ScheduleRow[] = [];
  const saved: ScheduleRow[] = [];
  const due: DueSchedule[] = [];
  const skipped: SkippedSchedule[] = [];
  for (const source of input.sources) {
    const left = known.get(source.name) ?? new Map<string, ScheduleRow>();
    const seen = new Set<string>();
    for (const schedule of source.schedules) {
      if (seen.has(schedule.key)) continue;
      seen.add(schedule.key);
      const before = left.get(schedule.key);
      const step = stepOf({ source, schedule, row: before }, input);
      if (step.row === undefined) continue;
      left.delete(schedule.key);
      rows.push(step.row);
      if (step.row !== before) saved.push(step.row);
      if (step.due !== undefined) due.push(step.due);
      if (step.skipped !== undefined) skipped.push(step.skipped);
    }
  }
  const lost = [...known.values()].flatMap((left) => [...left.values()]);
  return {
    due,
    skipped,
    changes: { saved, lost: lost.map(({ source, expression }) => ({ source, expression })) },
    rows,
    wakeAt: wakeAt(rows, input.now),
  };
}

function bySource(rows: readonly ScheduleRow[]): ReadonlyMap<string, Map<string, ScheduleRow>> {
  const sources = new Map<string, Map<string, ScheduleRow>>();
  for (const row of rows) {
    const known = sources.get(row.source);
    if (known === undefined) sources.set(row.source, new Map([[row.expression, row]]));
    else known.set(row.expression, row);
  }
  return sources;
}

function wakeAt(rows: readonly ScheduleRow[], now: number): number | undefined {
  let earliest: number | undefined;
  for (const { nextAt } of rows)
    if (nextAt !== undefined && (earliest === undefined || nextAt < earliest)) earliest = nextAt;
  return earliest === undefined ? undefined : Math.min(earliest, now + LONGEST_WAIT_MS);
}
