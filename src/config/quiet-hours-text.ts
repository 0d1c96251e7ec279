/** The grammar of quiet hours: `22:00-07:00`, with days before it `mon-fri 09:00-17:00`, `sat,sun 00:00-24:00`. */
import { nearestWord } from "../base/nearest-word.ts";
import type { QuietHours } from "./config.ts";
import { DAYS, FULL_DAYS } from "./cron-fields.ts";

const QUIET_HOURS_FORMS = '"22:00-07:00", or with days "mon-fri 09:00-17:00"';

const DAY_MINUTES = 1440;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** Returns what is wrong as a text. The days are those on which the hours begin. */
export function parseQuietHours(text: string): QuietHours | string {
  const lower = text.trim().toLowerCase();
  const [span = "", fromText = "", toText = ""] = /(\d{1,2}:\d\d) ?[-–] ?(\d{1,2}:\d\d)$/.exec(lower) ?? [];
  const hours = hoursOf(fromText, toText);
  if (hours === undefined) return notHours(text);
  if (hours.from === hours.to) return `"${text}" begins when it ends; a whole day is "00:00-24:00"`;
  const dayText = lower.slice(0, -span.length).trim();
  const days = dayText === "" ? [] : parseDays(dayText);
  return typeof days === "string" ? days : { ...hours, days };
}

function hoursOf(fromText: string, toText: string): Pick<QuietHours, "from" | "to"> | undefined {
  const from = minutesOf(fromText);
  const to = minutesOf(toText);
  return from === undefined || from === DAY_MINUTES || to === undefined ? undefined : { from, to };
}

function notHours(text: string): string {
  const [, from, fromMinutes = "00", to = "", toMinutes = "00"] = LOOSE_SPAN.exec(text.trim()) ?? [];
  const begin = `${from?.padStart(2, "0")}:${fromMinutes}`;
  const end = `${to.padStart(2, "0")}:${toMinutes}`;
  const hint = hoursOf(begin, end) && `did you mean "${begin}-${end}"?`;
  return `"${text}" is no span of time; ${hint ?? `write ${QUIET_HOURS_FORMS}`}`;
}

/** `22-7`, `22.30 to 7h00` */
const LOOSE_SPAN = /^(\d{1,2})(?:[:.h](\d\d))? ?(?:[-–]|to|until) ?(\d{1,2})(?:[:.h](\d\d))?$/i;

function minutesOf(text: string): number | undefined {
  const [, hours, minutes] = /^(\d{1,2}):(\d\d)$/.exec(text) ?? [];
  if (hours === undefined || Number(minutes) > 59) return undefined;
  const total = Number(hours) * 60 + Number(minutes);
  return total <= DAY_MINUTES ? total : undefined;
}

function parseDays(text: string): readonly number[] | string {
  const days = new Set<number>();
  for (const part of text.split(",").map((one) => one.trim())) {
    const ends = part.split("-").map((day) => day.trim());
    const wrong = ends.find((end) => dayOf(end) < 0);
    if (wrong !== undefined || ends.length > 2) return notDay(wrong ?? part);
    const [first = 0, last = first] = ends.map(dayOf);
    // "fri-mon" goes round the end of the week.
    for (let day = first; ; day = (day + 1) % DAYS.length) {
      days.add(day);
      if (day === last) break;
    }
  }
  return [...days].sort((a, b) => a - b);
}

function dayOf(name: string): number {
  return Math.max(DAYS.indexOf(name), FULL_DAYS.indexOf(name));
}

function notDay(text: string): string {
  const nearest = nearestWord(text, [...DAYS, ...FULL_DAYS]);
  return `"${text}" is no day of the week; ${nearest === undefined ? `they are ${DAYS.join(", ")}` : `did you mean "${nearest}"?`}`;
}

/** True when there is no minute of the week outside of them. */
export function coverTheWeek(all: readonly QuietHours[]): boolean {
  const quiet = new Uint8Array(WEEK_MINUTES);
  for (const { from, to, days } of all) {
    for (const day of days.length === 0 ? DAYS.keys() : days) {
      const length = to > from ? to - from : to + DAY_MINUTES - from;
      for (let minute = 0; minute < length; minute++)
        quiet[(day * DAY_MINUTES + from + minute) % WEEK_MINUTES] = 1;
    }
  }
  return quiet.every((minute) => minute === 1);
}
