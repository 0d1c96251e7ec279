/** The one door to croner: the occurrences of a cron schedule, each pattern parsed once. */
import { Cron } from "croner";

import type { CronSchedule } from "./schedule.ts";

/** From `from` on, `to` excluded, the next occurrence is `to`; infinite when there is none. */
type Stretch = { readonly from: number; readonly to: number };

type Calendar = { readonly cron: Cron; readonly stretches: Stretch[] };

/** A plan asks about few moments, again and again: now, the occurrence behind, and two more after a clock was set. */
const MOST_STRETCHES = 4;

/**
 * To parse a pattern takes 0.1 ms and its formatter of dates some 50 KB, so sources that share a schedule share it.
 * More than so many are left over from configs that have been replaced.
 */
const MOST_CALENDARS = 4096;

const calendars = new Map<string, Calendar>();

/**
 * Returns the first occurrence later than `after`, or undefined when the calendar ends (the year 3000).
 *
 * Around the change of clocks it follows Vixie cron. A time of day that does not exist is due when the clock has gone
 * forward, at 03:00 instead of 02:30; several of them then are one. A time of day that comes twice is due the first
 * time only. Where hours, minutes or seconds hold a star or a step, the schedule follows time as it passes: what does
 * not exist is left out, and the hour that comes twice counts twice.
 */
export function occurrenceAfter(schedule: CronSchedule, after: number): number | undefined {
  const { cron, stretches } = calendarOf(schedule);
  let stretch = stretches.find(({ from, to }) => from <= after && after < to);
  if (stretch === undefined) {
    const next = cron.nextRun(new Date(after))?.getTime() ?? Number.POSITIVE_INFINITY;
    stretch = { from: after, to: next };
    stretches.unshift(stretch);
    stretches.length = Math.min(stretches.length, MOST_STRETCHES);
  }
  return Number.isFinite(stretch.to) ? stretch.to : undefined;
}

function calendarOf({ pattern, timezone }: CronSchedule): Calendar {
  const key = `${pattern} ${timezone ?? ""}`;
  const kept = calendars.get(key);
  if (kept !== undefined) return kept;
  if (calendars.size >= MOST_CALENDARS) calendars.clear();
  const cron = new Cron(pattern, {
    paused: true,
    mode: "6-part",
    // `30 2,14 * * *` names times of day as `30 2 * * *` does.
    fixedTimeRule: "no-wildcard",
    ...(timezone === undefined ? {} : { timezone }),
  });
  const calendar = { cron, stretches: [] };
  calendars.set(key, calendar);
  return calendar;
}
