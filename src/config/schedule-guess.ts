/** What a person most likely meant by a text that is no schedule. The result is checked by whoever asks. */
import { DAYS, FULL_DAYS } from "./cron-fields.ts";

/** What others call it: cron's own short forms, and words of everyday. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  "@reboot": "on start",
  "@hourly": "every 1h",
  "@daily": "daily at 00:00",
  "@midnight": "daily at 00:00",
  "@weekly": "weekly on sun at 00:00",
  "@monthly": "monthly on 1 at 00:00",
  never: "manual",
  none: "manual",
  off: "manual",
  no: "manual",
  start: "on start",
  startup: "on start",
  "on startup": "on start",
  boot: "on start",
  "on boot": "on start",
  "on login": "on start",
  hourly: "every 1h",
  "every hour": "every 1h",
  "every minute": "every 1m",
  "every day": "daily at 02:00",
  "every night": "daily at 02:00",
  nightly: "daily at 02:00",
  daily: "daily at 02:00",
  weekly: "weekly on sun at 02:00",
  "every week": "weekly on sun at 02:00",
  monthly: "monthly on 1 at 03:00",
  "every month": "monthly on 1 at 03:00",
};

const NUMBERS = [
  "zero",
  "one",
  "two",
  "three",
  "four",
  "five",
  "six",
  "seven",
  "eight",
  "nine",
  "ten",
  "eleven",
  "twelve",
];

const UNITS: Readonly<Record<string, string>> = {
  second: "s",
  sec: "s",
  minute: "m",
  min: "m",
  hour: "h",
  hr: "h",
  day: "d",
  week: "w",
};

/** Returns a text in the grammar of `schedule-text.ts`, or undefined. @param text trimmed and in lower case */
export function guessSchedule(text: string): string | undefined {
  if (Object.hasOwn(OTHER_NAMES, text)) return OTHER_NAMES[text];
  return guessInterval(text) ?? guessCalendar(text);
}

/** `every 6 hours`, `every six hours`, `each 30 minutes`, `30 min`. */
function guessInterval(text: string): string | undefined {
  const [, amount = "", unit = ""] = /^(?:every |each )?(\d+|[a-z]+) ?([a-z]+?)s?\.?$/.exec(text) ?? [];
  const number = /^\d+$/.test(amount) ? Number(amount) : NUMBERS.indexOf(amount);
  const letter = UNITS[unit] ?? UNITS[unit.replace(/s$/, "")];
  return letter === undefined || number < 1 ? undefined : `every ${number}${letter}`;
}

/** Whatever names a time of day, and perhaps days: `daily 02:00`, `every monday at 9am`, `mon, thu at 9:00`. */
function guessCalendar(text: string): string | undefined {
  const words = text
    .split(/[\s,]+/)
    .filter((word) => !["at", "on", "and", "every", "each", "the", "o'clock"].includes(word));
  const kind = words.find((word) => KINDS.includes(word));
  const isMonthly = kind === "monthly";
  const times = words.flatMap((word) => timeOf(word) ?? []);
  const weekdays = words.flatMap(weekdaysOf);
  const monthDays = isMonthly ? words.flatMap((word) => monthDayOf(word) ?? []) : [];
  const isKnown = (word: string): boolean =>
    word === kind ||
    timeOf(word) !== undefined ||
    weekdaysOf(word).length > 0 ||
    (isMonthly && monthDayOf(word) !== undefined);
  if (times.length > 1 || !words.every(isKnown)) return undefined;
  // A morning is as good as any other time, and shows where one belongs.
  const time = times[0] ?? (kind === "weekly" && weekdays.length > 0 ? "09:00" : undefined);
  if (time === undefined) return undefined;
  if (isMonthly) return monthDays.length > 0 ? `monthly on ${monthDays.join(",")} at ${time}` : undefined;
  if (weekdays.length > 0) return `weekly on ${weekdays.join(",")} at ${time}`;
  return kind === "weekly" ? `weekly on mon at ${time}` : `daily at ${time}`;
}

const KINDS = ["daily", "day", "weekly", "monthly"];

/** `1`, `1st`, `15.` */
function monthDayOf(word: string): string | undefined {
  return /^(\d{1,2})(?:st|nd|rd|th|\.)?$/.exec(word)?.[1];
}

/** `2:30`, `02:30`, `2am`, `2:30pm`, `midnight`, `noon`. */
function timeOf(word: string): string | undefined {
  if (word === "midnight" || word === "24:00") return "00:00";
  if (word === "noon") return "12:00";
  const [, hour = "", minute = "00", half = ""] = /^(\d{1,2})(?:[:.h](\d{2}))?(am|pm)?$/.exec(word) ?? [];
  if (hour === "" || (!/[:.h]/.test(word) && half === "")) return undefined;
  const hours = half === "" ? Number(hour) : (Number(hour) % 12) + (half === "pm" ? 12 : 0);
  return hours > 23 || Number(minute) > 59 ? undefined : `${String(hours).padStart(2, "0")}:${minute}`;
}

/** `mon`, `mondays`, `mon-fri`, `weekdays`. */
function weekdaysOf(word: string): readonly string[] {
  if (word === "weekday" || word === "weekdays") return DAYS.slice(1, 6);
  if (word === "weekend" || word === "weekends") return ["sat", "sun"];
  const [from = -1, to = from] = word.split("-").map((part) => {
    const full = FULL_DAYS.indexOf(part.replace(/s$/, ""));
    return full >= 0 ? full : DAYS.indexOf(part);
  });
  if (from < 0 || to < 0) return [];
  const days = DAYS.slice(from, from <= to ? to + 1 : undefined);
  return from <= to ? days : [...days, ...DAYS.slice(0, to + 1)];
}
