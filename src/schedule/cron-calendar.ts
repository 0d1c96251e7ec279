/** The one door to croner: the occurrences of a cron schedule, each pattern parsed once. */
import { Cron } from "croner";

import type { CronSchedule } from "./schedule.ts";

/** From `from` on, `to` excluded, the next occurrence is `to`; infinite when there is none. */
type Stretch = { readonly from: number; readonly to: number };

/** A plan asks about few moments, again and again: now, the occurrence behind, and two more after a clock was set. */
const MOST_STRETCHES = 4;

/** What is known of a pattern, shared by all schedules that have it. */
type Known = {
  readonly pattern: string;
  readonly timezone: string | undefined;
  stretches: readonly Stretch[];
};

/** The way to `Known` without a text to be made of pattern and zone, for the thousands of questions of a plan. */
const ofSchedules = new WeakMap<CronSchedule, Known>();
const ofPatterns = new Map<string, Known>();
/** More are left over from configs that have been replaced. */
const MOST_PATTERNS = 4096;

const crons = new Map<Known, Cron>();
/** A parsed pattern takes 84 KB (a table of 10,000 years among it) and 0.1 ms to make anew. */
const MOST_CRONS = 32;

/**
 * Returns the first occurrence later than `after`, or undefined when the calendar ends (the year 3000).
 *
 * Around the change of clocks it follows Vixie cron. A time of day that does not exist is due when the clock has gone
 * forward, at 03:00 instead of 02:30; several of them then are one. A time of day that comes twice is due the first
 * time only. Where hours, minutes or seconds hold a star or a step, the schedule follows time as it passes: what does
 * not exist is left out, and the hour that comes twice counts twice.
 */
export function occurrenceAfter(schedule: CronSchedule, after: number): number | undefined {
  const known = knownOf(schedule);
  let stretch = known.stretches.find(({ from, to }) => from <= after && after < to);
  if (stretch === undefined) {
    const next = cronOf(known).nextRun(new Date(after))?.getTime() ?? Number.POSITIVE_INFINITY;
    stretch = { from: after, to: next };
    known.stretches = [stretch, ...known.stretches.slice(0, MOST_STRETCHES - 1)];
  }
  return Number.isFinite(stretch.to) ? stretch.to : undefined;
}

function knownOf(schedule: CronSchedule): Known {
  let known = ofSchedules.get(schedule);
  if (known !== undefined) return known;
  const { pattern, timezone } = schedule;
  const key = `${pattern} ${timezone ?? ""}`;
  known = ofPatterns.get(key);
  if (known === undefined) {
    if (ofPatterns.size >= MOST_PATTERNS) ofPatterns.clear();
    known = { pattern, timezone, stretches: [] };
    ofPatterns.set(key, known);
  }
  ofSchedules.set(schedule, known);
  return known;
}

/** Of those that were asked last. */
function cronOf(known: Known): Cron {
  const cron = crons.get(known) ?? createCron(known);
  crons.delete(known);
  crons.set(known, cron);
  const [oldest] = crons.keys();
  if (crons.size > MOST_CRONS && oldest !== undefined) crons.delete(oldest);
  return cron;
}

function createCron({ pattern, timezone }: Known): Cron {
  return new Cron(pattern, {
    paused: true,
    mode: "6-part",
    // `30 2,14 * * *` names times of day as `30 2 * * *` does.
    fixedTimeRule: "no-wildcard",
    ...(timezone === undefined ? {} : { timezone }),
  });
}
