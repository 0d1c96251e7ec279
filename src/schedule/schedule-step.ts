/** One schedule at one look at the clock: whether it has come, and what it waits for from now on. Pure. */
import type { ScheduleRow } from "../store/schedule-store.ts";
import { delayOf, jitterOf } from "./jitter.ts";
import { nextRun } from "./next-run.ts";
import type { DueSchedule, PlanInput, ScheduledSource, SkippedSchedule } from "./plan-schedules.ts";
import type { IntervalSchedule, Schedule } from "./schedule.ts";

export type Planned = {
  readonly source: ScheduledSource;
  readonly schedule: Schedule;
  readonly row: ScheduleRow | undefined;
};

export type ScheduleStep = {
  /** Undefined: it needs no row. */
  readonly row: ScheduleRow | undefined;
  readonly due?: DueSchedule;
  readonly skipped?: SkippedSchedule;
};

type Moment = Pick<PlanInput, "now" | "starting" | "device">;

/**
 * So late nobody was looking: the clock is looked at every minute (`LONGEST_WAIT_MS`), so the machine slept, lull was
 * not running, or the clock jumped.
 */
export const MISSED_AFTER_MS = 120_000;

/** Runs that are made up for begin within so long, not all at the moment when the machine wakes up. */
export const CATCH_UP_SPREAD_MS = 60_000;

/**
 * How far a clock that was set back is believed to have been right before: what has run in this stretch does not run
 * again. Time zones lie up to 14 hours apart (a clock that took local time for UTC), and an hour for summer time.
 */
export const SET_BACK_TOLERANCE_MS = 15 * 3_600_000;

export function stepOf(planned: Planned, moment: Moment): ScheduleStep {
  const { schedule } = planned;
  if (schedule.kind === "manual") return { row: undefined };
  if (schedule.kind === "on-start") return startStep(planned, moment);
  const expected = expectedAt(planned, moment.now);
  return expected === undefined || expected > moment.now
    ? { row: rowOf(planned, { nextAt: expected, lastAt: planned.row?.lastAt }) }
    : arrivedStep(planned, expected, moment);
}

function startStep(planned: Planned, { now, starting }: Moment): ScheduleStep {
  if (!starting) return { row: planned.row };
  const { source, schedule } = planned;
  return {
    row: rowOf(planned, { nextAt: undefined, lastAt: now }),
    due: { source: source.name, schedule, cause: "start", dueSince: now, notBefore: now },
  };
}

/** However many occurrences lie between `expected` and now, they make one run. */
function arrivedStep(planned: Planned, expected: number, moment: Moment): ScheduleStep {
  const { source, schedule, row } = planned;
  const { now } = moment;
  const missed = now - expected > MISSED_AFTER_MS;
  if (missed && !schedule.catchUp) {
    const recent = nextRun(schedule, now - MISSED_AFTER_MS - 1, expected);
    if (recent !== undefined && recent <= now) return arrivedStep(planned, recent, moment);
    return {
      row: rowOf(planned, { nextAt: recent, lastAt: row?.lastAt }),
      skipped: { source: source.name, schedule, missedAt: expected, nextAt: recent },
    };
  }
  const nextAt = nextRun(schedule, now);
  const occurrence = { device: moment.device, source: source.name, schedule, at: expected };
  const spread = Math.max(CATCH_UP_SPREAD_MS, schedule.jitterMs);
  return {
    row: rowOf(planned, { nextAt, lastAt: now }),
    due: {
      source: source.name,
      schedule,
      cause: missed ? "catch-up" : "schedule",
      dueSince: expected,
      notBefore: missed
        ? now + delayOf(occurrence, { from: now, limitMs: spread })
        : expected + jitterOf(occurrence),
    },
  };
}

/** The row itself where nothing changes. */
function rowOf(
  { source, schedule, row }: Planned,
  times: { readonly nextAt: number | undefined; readonly lastAt: number | undefined },
): ScheduleRow {
  if (row !== undefined && row.nextAt === times.nextAt && row.lastAt === times.lastAt) return row;
  return { source: source.name, expression: schedule.key, ...times };
}

/** The occurrence that the schedule waits for; it may have come. */
function expectedAt({ source, schedule, row }: Planned, now: number): number | undefined {
  if (schedule.kind === "interval") return intervalAt(schedule, { row, now, lastRunAt: source.lastRunAt });
  const next = nextRun(schedule, now);
  const waited = row?.nextAt;
  if (waited === undefined) return next;
  // It has come, or is what the calendar says: nearly always.
  if (waited <= now || waited === next) return waited;
  // The calendar does not have it any more: the machine's time zone is another one, or summer time was abolished.
  if (next === undefined || nextRun(schedule, waited - 1) !== waited) return next;
  return afterSetBack(schedule, { expected: waited, next, now });
}

/**
 * The clock was set back: occurrences that have run lie ahead again. To wait for the first that has not run would
 * take as long as the jump was, years perhaps; to take the next one would repeat what has run a moment ago. So what
 * has run counts for as long as the schedule's own gap at the most, or the tolerance: it waits no longer than that and
 * a gap, and runs no sooner.
 */
function afterSetBack(
  schedule: Schedule,
  { expected, next, now }: { readonly expected: number; readonly next: number; readonly now: number },
): number {
  const gap = (nextRun(schedule, next) ?? Number.POSITIVE_INFINITY) - next;
  const resumed = nextRun(schedule, now + Math.min(gap, SET_BACK_TOLERANCE_MS));
  return Math.min(expected, resumed ?? expected);
}

/**
 * An interval counts from the last run, whoever asked for it. One that is new and whose source never ran is due at
 * once: a person who adds a folder wants to see it safe. Never further ahead than the interval, so that a clock that
 * was set back does not hold it up.
 */
function intervalAt(
  { intervalMs }: IntervalSchedule,
  given: {
    readonly row: ScheduleRow | undefined;
    readonly now: number;
    readonly lastRunAt: number | undefined;
  },
): number {
  const { row, now } = given;
  // A run of the future is one of a clock that was wrong.
  const lastRunAt = given.lastRunAt !== undefined && given.lastRunAt <= now ? given.lastRunAt : undefined;
  const afterRun = lastRunAt === undefined ? undefined : lastRunAt + intervalMs;
  if (row?.nextAt === undefined) {
    if (given.lastRunAt === undefined) return now;
    return Math.max(now, afterRun ?? now + intervalMs);
  }
  return Math.min(Math.max(row.nextAt, afterRun ?? row.nextAt), now + intervalMs);
}
