/** What lies ahead of a source, for people: the plan that the daemon would make now, told in words and dates. */
import type { ScheduleConfig } from "../config/config.ts";
import type { ScheduleRow } from "../store/schedule-store.ts";
import { describeSchedule } from "./describe-schedule.ts";
import { jitterOf } from "./jitter.ts";
import { nextRun } from "./next-run.ts";
import { planSchedules } from "./plan-schedules.ts";
import { parseSchedule, type Schedule } from "./schedule.ts";
import { scheduleNotes } from "./schedule-notes.ts";
import { utcOffset } from "./wall-time.ts";

export type UpcomingInput = {
  readonly source: string;
  readonly schedules: readonly ScheduleConfig[];
  /** Of this source, as stored; without any, the daemon has not seen it yet. */
  readonly rows: readonly ScheduleRow[];
  /** When the newest run that did not fail began. */
  readonly lastRunAt: number | undefined;
  readonly device: string;
  readonly now: number;
  /** How many runs of each schedule. */
  readonly count: number;
};

export type UpcomingRun = {
  /** The occurrence, milliseconds since 1970 UTC; in the past when it was missed. */
  readonly at: number;
  /** With jitter. Of what is due already: now. */
  readonly startsAt: number;
  /** It has come: a running daemon takes it up at once. */
  readonly due: boolean;
  /** Minutes that the schedule's own time zone is ahead of UTC then; undefined: it has none of its own. */
  readonly utcOffset: number | undefined;
};

export type UpcomingSchedule = {
  readonly expression: string;
  readonly timezone: string | undefined;
  readonly kind: Schedule["kind"];
  /** `every 6 hours`. */
  readonly words: string;
  readonly jitterMs: number;
  readonly catchUp: boolean;
  /** When the daemon last asked for a run because of it. */
  readonly lastAt: number | undefined;
  readonly next: readonly UpcomingRun[];
  /** What is odd about these dates: days that months do not have, clocks that change. */
  readonly notes: readonly string[];
};

export function listUpcoming(input: UpcomingInput): readonly UpcomingSchedule[] {
  const { source, rows, lastRunAt, device, now } = input;
  const all = input.schedules.map(parseSchedule);
  const schedules = all.filter(({ key }, index) => all.findIndex((other) => other.key === key) === index);
  const sources = [{ name: source, schedules, lastRunAt }];
  const plan = planSchedules({ now, starting: false, device, sources, rows });
  return schedules.map((schedule) => {
    const due = plan.due.find((one) => one.schedule === schedule)?.dueSince;
    const nextAt = plan.rows.find(({ expression }) => expression === schedule.key)?.nextAt;
    const next = upcomingRuns(schedule, { due, nextAt }, input);
    const span = { from: now, to: Math.min(next.at(-1)?.at ?? now, now + LONGEST_SPAN_MS) };
    return {
      expression: schedule.expression,
      timezone: schedule.timezone,
      kind: schedule.kind,
      words: describeSchedule(schedule),
      jitterMs: schedule.jitterMs,
      catchUp: schedule.catchUp,
      lastAt: rows.find(({ expression }) => expression === schedule.key)?.lastAt,
      next,
      notes: scheduleNotes(schedule, span),
    };
  });
}

/** Clocks are not foretold further: laws change. */
const LONGEST_SPAN_MS = 400 * 86_400_000;

function upcomingRuns(
  schedule: Schedule,
  first: { readonly due: number | undefined; readonly nextAt: number | undefined },
  { source, device, now, count }: UpcomingInput,
): readonly UpcomingRun[] {
  const { timezone } = schedule;
  const runs: UpcomingRun[] = [];
  const add = (at: number, due: boolean): void => {
    const startsAt = due ? now : at + jitterOf({ device, source, schedule, at });
    runs.push({ at, startsAt, due, utcOffset: timezone === undefined ? undefined : utcOffset(at, timezone) });
  };
  if (first.due !== undefined && count > 0) add(first.due, true);
  for (let at = first.nextAt; at !== undefined && runs.length < count; at = nextRun(schedule, at, at))
    add(at, false);
  return runs;
}
