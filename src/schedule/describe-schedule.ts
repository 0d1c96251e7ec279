import { readCron } from "../config/cron-fields.ts";
import { cronWords } from "./cron-words.ts";
import type { CronSchedule, Schedule } from "./schedule.ts";

/** Says a schedule in words; of a cron expression that words would not make clearer, the expression itself. */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case "manual":
      return "only when asked for";
    case "on-start":
      return "at each start of the daemon";
    case "interval":
      return `every ${intervalWords(schedule.intervalMs)}`;
    case "cron":
      return describeCalendar(schedule);
  }
}

function describeCalendar({ pattern, expression, timezone }: CronSchedule): string {
  const fields = readCron(pattern);
  const words = typeof fields === "string" ? undefined : cronWords(fields);
  return [words ?? expression, ...(timezone === undefined ? [] : [timezone])].join(", ");
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ["week", 7 * 86_400_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
  ["millisecond", 1],
];

/** `hour`, `6 hours`, `1 hour 30 minutes`. */
function intervalWords(ms: number): string {
  const parts: string[] = [];
  let left = ms;
  for (const [name, size] of UNITS) {
    const amount = Math.floor(left / size);
    // Nobody says "1 week 3 days" for ten days.
    if (amount === 0 || (name === "week" && left % size !== 0)) continue;
    left -= amount * size;
    if (amount === 1 && left === 0 && parts.length === 0) return name;
    parts.push(`${amount} ${name}${amount === 1 ? "" : "s"}`);
  }
  return parts.join(" ");
}
