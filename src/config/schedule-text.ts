/** The grammar of schedules as people write them; what they mean on a calendar is `schedule/`'s business. */
import { parseDuration } from "../base/duration.ts";

const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

export const SCHEDULE_FORMS =
  '"every 6h", "daily at 02:00", "weekly on mon,thu at 09:00", "monthly on 1 at 03:00", "on start", "manual", or cron "*/30 9-18 * * 1-5"';

/** Returns what is wrong with a schedule, or undefined when it is well formed. */
export function scheduleProblem(text: string): string | undefined {
  const words = text.trim().toLowerCase().split(/\s+/);
  switch (words[0]) {
    case "manual":
      return words.length === 1 ? undefined : unknown(text);
    case "on":
      return words.length === 2 && words[1] === "start" ? undefined : unknown(text);
    case "every":
      return intervalProblem(words.slice(1).join(""));
    case "daily":
      return words[1] === "at" && words.length === 3 ? timeProblem(words[2] ?? "") : unknown(text);
    case "weekly":
      return calendarProblem(words, (day) =>
        DAYS.includes(day.slice(0, 3)) ? undefined : `"${day}" is no day of the week`,
      );
    case "monthly":
      return calendarProblem(words, (day) =>
        inRange(day, 1, 31) ? undefined : `"${day}" is no day of a month`,
      );
    default:
      return words.length === 5 || words.length === 6 ? cronProblem(words) : unknown(text);
  }
}

function unknown(text: string): string {
  return `"${text}" is no schedule; write ${SCHEDULE_FORMS}`;
}

/** Below this a schedule would never let the machine rest; file changes have `watch`. */
const SHORTEST_INTERVAL_MS = 10_000;

function intervalProblem(duration: string): string | undefined {
  const ms = parseDuration(duration);
  if (ms === undefined) return `"every ${duration}" needs a duration such as 30m, 6h or 1d`;
  return ms < SHORTEST_INTERVAL_MS
    ? "an interval is at least 10s; use `watch` to follow file changes"
    : undefined;
}

function timeProblem(time: string): string | undefined {
  return /^(?:[01]?\d|2[0-3]):[0-5]\d$/.test(time) ? undefined : `"${time}" is no time of day such as 02:00`;
}

/** `weekly on mon,thu at 09:00` */
function calendarProblem(
  words: readonly string[],
  dayProblem: (day: string) => string | undefined,
): string | undefined {
  const [, on, days = "", at, time = ""] = words;
  if (on !== "on" || at !== "at" || words.length !== 5) return unknown(words.join(" "));
  for (const day of days.split(",")) {
    const problem = dayProblem(day);
    if (problem !== undefined) return problem;
  }
  return timeProblem(time);
}

type Field = {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
};

const CRON_FIELDS: readonly Field[] = [
  { name: "second", low: 0, high: 59 },
  { name: "minute", low: 0, high: 59 },
  { name: "hour", low: 0, high: 23 },
  { name: "day of month", low: 1, high: 31 },
  { name: "month", low: 1, high: 12, names: MONTHS },
  { name: "day of week", low: 0, high: 7, names: DAYS },
];

function cronProblem(words: readonly string[]): string | undefined {
  const fields = words.length === 6 ? CRON_FIELDS : CRON_FIELDS.slice(1);
  for (const [index, field] of fields.entries()) {
    for (const part of (words[index] ?? "").split(",")) {
      if (!isCronPart(part, field))
        return `"${part}" is no ${field.name} of a cron expression (${field.low}-${field.high})`;
    }
  }
  return undefined;
}

function isCronPart(part: string, field: Field): boolean {
  const [span = "", step, ...more] = part.split("/");
  if (more.length > 0 || (step !== undefined && !inRange(step, 1, field.high))) return false;
  if (span === "*" || span === "?" || (span === "l" && field.name === "day of month")) return true;
  const ends = span.split("-");
  const numbers = ends.map((end) => cronNumber(end, field));
  return ends.length <= 2 && numbers.every((number) => number >= field.low && number <= field.high);
}

function cronNumber(text: string, field: Field): number {
  const named = field.names?.indexOf(text) ?? -1;
  if (named >= 0) return named + field.low;
  return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
}

function inRange(text: string, low: number, high: number): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) >= low && Number(text) <= high;
}
