/** What would surprise a person about the dates of a schedule, in words: days that are missing, clocks that change. */
import { listed, monthHasDay, monthName, ordinal } from "../base/calendar-words.ts";
import { type CronFields, readCron, valuesOf } from "../config/cron-fields.ts";
import { isRhythm } from "./cron-words.ts";
import type { Schedule } from "./schedule.ts";
import { type ClockChange, clockChanges } from "./wall-time.ts";

const MINUTE = 60_000;

/** @param span the time that is shown; clocks that change beyond it are no news yet */
export function scheduleNotes(
  schedule: Schedule,
  span: { readonly from: number; readonly to: number },
): readonly string[] {
  if (schedule.kind !== "cron") return [];
  const fields = readCron(schedule.pattern);
  if (typeof fields === "string") return [];
  const changes = fields.hour.any ? [] : clockChanges(span, schedule.timezone);
  return [...missingDays(fields), ...changes.flatMap((change) => changeNote(fields, change))];
}

/** Of the days that only some of the months have. */
function missingDays({ day, month }: CronFields): readonly string[] {
  if (day.any) return [];
  const months = valuesOf(month);
  return valuesOf(day).flatMap((number) => {
    if (number === 29 && months.includes(2))
      return ["February has a 29th in leap years only; others skip it"];
    const without = months.filter((one) => !monthHasDay(one, number));
    if (without.length === 0) return [];
    const have = without.length === 1 ? "has" : "have";
    return [`${listed(without.map(monthName))} ${have} no ${ordinal(number)}: skipped`];
  });
}

/** By the rules of `occurrenceAfter`. */
function changeNote(fields: CronFields, { at, before, after }: ClockChange): readonly string[] {
  const [old, young] = [at + before * MINUTE, at + after * MINUTE];
  // Skipped, or passed twice: the wall times between the two.
  const times = timesBetween(fields, Math.min(old, young), Math.max(old, young));
  if (times.length === 0) return [];
  const date = new Date(young);
  const on = `on ${date.getUTCDate()} ${monthName(date.getUTCMonth() + 1)}`;
  const what = times.length > MOST_TIMES ? `${times[0]} to ${times.at(-1)}` : listed(times);
  const come = times.length === 1 ? "comes" : "come";
  if (young > old) {
    return isTimeOfDay(fields)
      ? [`${on} the clock goes forward past ${what}: runs at ${timeOf(young)} instead`]
      : [`${on} the clock goes forward past ${what}: no run then`];
  }
  return isTimeOfDay(fields)
    ? [`${on} the clock goes back and ${what} ${come} twice: runs the first time only`]
    : [`${on} the clock goes back and ${what} ${come} twice: runs both times`];
}

const MOST_TIMES = 4;

/** `from` and `to` are wall times, counted as if they were UTC. */
function timesBetween(fields: CronFields, from: number, to: number): readonly string[] {
  const times: string[] = [];
  const [minutes, hours] = [valuesOf(fields.minute), valuesOf(fields.hour)];
  for (let wall = Math.ceil(from / MINUTE) * MINUTE; wall < to; wall += MINUTE) {
    const date = new Date(wall);
    if (!hours.includes(date.getUTCHours()) || !minutes.includes(date.getUTCMinutes())) continue;
    if (dateMatches(fields, date)) times.push(timeOf(wall));
  }
  return times;
}

function dateMatches({ day, month, weekday }: CronFields, date: Date): boolean {
  if (!valuesOf(month).includes(date.getUTCMonth() + 1)) return false;
  const lastOfMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  const isLast = day.parts.some((part) => part.kind === "last") && date.getUTCDate() === lastOfMonth;
  const byDay = isLast || valuesOf(day).includes(date.getUTCDate());
  const byWeekday = valuesOf(weekday).some((value) => value % 7 === date.getUTCDay());
  if (day.any || weekday.any) return (day.any || byDay) && (weekday.any || byWeekday);
  return byDay || byWeekday;
}

function isTimeOfDay({ second, minute, hour }: CronFields): boolean {
  return ![second, minute, hour].some(isRhythm);
}

function timeOf(wall: number): string {
  return new Date(wall).toISOString().slice(11, 16);
}
