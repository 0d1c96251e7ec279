/** Cron in words: times of day (`daily at 02:00`) or a rhythm (`every 30 minutes from 09:00 to 18:30`). Pure. */
import { DAY_NAMES, listed, monthName, ordinal } from "../base/calendar-words.ts";
import { type CronField, type CronFields, valuesOf } from "../config/cron-fields.ts";

/** Returns undefined where words would be harder to read than the expression. */
export function cronWords(fields: CronFields): string | undefined {
  const days = dayWords(fields);
  if (days === undefined) return undefined;
  const times = timesOfDay(fields);
  if (times !== undefined) return `${days.beforeTimes} at ${listed(times)}`;
  const rhythm = rhythmWords(fields);
  return rhythm === undefined ? undefined : [rhythm, ...days.afterRhythm].join(", ");
}

/** More times of day than these are no help. */
const MOST_TIMES = 4;

/** `09:00`, or `09:00:15` where seconds are used; undefined: it is a rhythm, or too many. */
function timesOfDay({ second, minute, hour }: CronFields): readonly string[] | undefined {
  if ([second, minute, hour].some(isRhythm)) return undefined;
  const [seconds, minutes, hours] = [valuesOf(second), valuesOf(minute), valuesOf(hour)];
  if (seconds.length > 1 || minutes.length * hours.length > MOST_TIMES) return undefined;
  const end = seconds[0] === 0 ? "" : `:${two(seconds[0])}`;
  return hours.flatMap((one) => minutes.map((other) => `${two(one)}:${two(other)}${end}`));
}

/** By a star or a step: it follows time as it passes, also while the clocks change. */
export function isRhythm({ any, parts }: CronField): boolean {
  return any || parts.some((part) => part.kind === "span" && part.step > 1 && part.from < part.to);
}

function rhythmWords({ second, minute, hour }: CronFields): string | undefined {
  const [seconds, minutes] = [stepOf(second, 60), stepOf(minute, 60)];
  if (seconds !== undefined) {
    if (!minute.any || !hour.any) return undefined;
    return seconds === 1 ? "every second" : `every ${seconds} seconds`;
  }
  if (valuesOf(second).some((value) => value !== 0)) return undefined;
  if (minutes !== undefined) {
    const span = hourSpan(hour, [0, 60 - minutes]);
    const rhythm = minutes === 1 ? "every minute" : `every ${minutes} minutes`;
    return span === undefined ? undefined : `${rhythm}${span}`;
  }
  return hourlyWords(valuesOf(minute), hour);
}

/** At certain minutes of many hours. */
function hourlyWords(minutes: readonly number[], hour: CronField): string | undefined {
  const [first = 0] = minutes;
  if (minutes.length > MOST_TIMES) return undefined;
  const past = minutes.length === 1 && first === 0 ? "" : ` at ${listed(minutes.map(String))} minutes past`;
  const step = stepOf(hour, 24);
  if (step !== undefined) return `every ${step === 1 ? "hour" : `${step} hours`}${past}`;
  const hours = valuesOf(hour);
  if (minutes.length > 1 || hours.length < 2) return undefined;
  const gap = (hours[1] ?? 0) - (hours[0] ?? 0);
  if (!hours.every((value, index) => index === 0 || value - (hours[index - 1] ?? 0) === gap))
    return undefined;
  const every = gap === 1 ? "every hour" : `every ${gap} hours`;
  return `${every} from ${two(hours[0])}:${two(first)} to ${two(hours.at(-1))}:${two(first)}`;
}

/** ` from 09:00 to 18:30` for hours in a row; nothing for all of them; undefined for others. */
function hourSpan(hour: CronField, [first, last]: readonly [number, number]): string | undefined {
  if (hour.any) return "";
  const hours = valuesOf(hour);
  if (!isRow(hours)) return undefined;
  return ` from ${two(hours[0])}:${two(first)} to ${two(hours.at(-1))}:${two(last)}`;
}

/** Every how many units of `size` it is, evenly around the clock; undefined: it is not. */
function stepOf(field: CronField, size: number): number | undefined {
  if (field.any) return 1;
  const values = valuesOf(field);
  const step = values[1] ?? 0;
  const even = values[0] === 0 && step > 0 && values.length * step === size;
  return even && values.every((value, index) => value === index * step) ? step : undefined;
}

type DayWords = { readonly beforeTimes: string; readonly afterRhythm: readonly string[] };

function dayWords({ day, month, weekday }: CronFields): DayWords | undefined {
  const months = month.any ? undefined : rowsOf(valuesOf(month), monthName);
  const dates = day.any ? undefined : dateWords(day, months);
  if (!day.any && dates === undefined) return undefined;
  const weekdays = weekday.any ? undefined : weekdayWords(weekday);
  const season = months === undefined ? "" : ` in ${months}`;
  if (dates !== undefined) {
    const either = weekdays === undefined ? dates : `${dates} and ${weekdays.every}${season}`;
    return { beforeTimes: either, afterRhythm: [either] };
  }
  if (weekdays !== undefined)
    return { beforeTimes: `${weekdays.every}${season}`, afterRhythm: [`${weekdays.on}${season}`] };
  return { beforeTimes: `daily${season}`, afterRhythm: months === undefined ? [] : [`in ${months}`] };
}

/** `on the 1st and 15th of every month`, `on the last day of February`. */
function dateWords(day: CronField, months: string | undefined): string | undefined {
  const values = valuesOf(day);
  if (values.length > MOST_TIMES && !isRow(values)) return undefined;
  const numbers =
    isRow(values) && values.length > 2
      ? [`${ordinal(values[0] ?? 0)} to ${ordinal(values.at(-1) ?? 0)}`]
      : values.map(ordinal);
  const last = day.parts.some((part) => part.kind === "last") ? ["last day"] : [];
  return `on the ${listed([...numbers, ...last])} of ${months ?? "every month"}`;
}

/** With the rhythm first ("every hour, on Monday") and with the days first ("every Monday at 09:00"). */
function weekdayWords(weekday: CronField): { readonly on: string; readonly every: string } {
  // The week begins on Monday, so that a weekend stays together.
  const days = [...new Set(valuesOf(weekday).map((value) => (value + 6) % 7))].sort((a, b) => a - b);
  const words = rowsOf(days, (one) => DAY_NAMES[(one + 1) % 7] ?? "");
  return days.length > 2 && isRow(days)
    ? { on: words, every: words }
    : { on: `on ${words}`, every: `every ${words}` };
}

/** Three or more in a row as `Monday to Friday`, else one by one. */
function rowsOf(values: readonly number[], name: (value: number) => string): string {
  if (values.length > 2 && isRow(values)) return `${name(values[0] ?? 0)} to ${name(values.at(-1) ?? 0)}`;
  return listed(values.map(name));
}

function isRow(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value === (values[index - 1] ?? 0) + 1);
}

function two(value: number | undefined): string {
  return String(value ?? 0).padStart(2, "0");
}
