/** The grammar of schedules as people write them; what they mean on a calendar is `schedule/`'s business. */
import { parseDuration } from "../base/duration.ts";
import { nearestWord } from "../base/nearest-word.ts";
import { DAYS, FULL_DAYS } from "./cron-fields.ts";
import { cronProblem, looksLikeCron } from "./cron-text.ts";
import { guessSchedule } from "./schedule-guess.ts";

const CALENDAR_FORMS = '"daily at 02:00", "weekly on mon,thu at 09:00" or "monthly on 1 at 03:00"';

export const SCHEDULE_FORMS =
  '"every 6h", "daily at 02:00", "weekly on mon,thu at 09:00", "monthly on 1 at 03:00", "on start", "manual", or cron "*/30 9-18 * * 1-5"';

/** Returns what is wrong with a schedule, or undefined when it is well formed. */
export function scheduleProblem(text: string): string | undefined {
  const words = wordsOf(text);
  switch (words[0]) {
    case "manual":
      return words.length === 1 ? undefined : unknown(text);
    case "on":
      return words.length === 2 && words[1] === "start" ? undefined : unknown(text);
    case "every":
      return everyProblem(text, words.slice(1).join(" "));
    case "daily":
    case "weekly":
    case "monthly":
      return calendarProblem(words) === "form" ? unknown(text) : withGuess(calendarProblem(words), text);
    default:
      return looksLikeCron(text) && words.length > 2 ? cronOrElse(text) : unknown(text);
  }
}

/** `5 minutes past` begins as cron does. */
function cronOrElse(text: string): string | undefined {
  const problem = cronProblem(text);
  return problem === undefined || correct(text) === undefined ? problem : unknown(text);
}

/** `every` and something: what is meant is an interval, or a day. */
function everyProblem(text: string, rest: string): string | undefined {
  const problem = intervalProblem(rest.replaceAll(" ", ""));
  if (problem === undefined || parseDuration(rest) !== undefined) return problem;
  const guess = correct(text);
  if (guess !== undefined) return `"${text}" is no schedule; did you mean "${guess}"?`;
  return /^\d+$/.test(rest)
    ? `"${text}" has no unit; write "every ${rest}m" for minutes or "every ${rest}h" for hours`
    : `"${text}" needs a duration such as 30m, 6h or 1d`;
}

/** A time or a day that is none, with what was meant by the whole. */
function withGuess(problem: string | undefined, text: string): string | undefined {
  const guess = problem === undefined || problem.includes("did you mean") ? undefined : correct(text);
  return guess === undefined ? problem : `${problem?.split(";")[0]}; did you mean "${guess}"?`;
}

/** As `scheduleProblem` for the forms that name a time of day only. */
export function calendarScheduleProblem(text: string): string | undefined {
  const problem = scheduleProblem(text);
  if (problem !== undefined) return problem;
  return calendarProblem(wordsOf(text)) === "form"
    ? `"${text}" names no time of day; write ${CALENDAR_FORMS}`
    : undefined;
}

export function isManual(text: string): boolean {
  return text.trim().toLowerCase() === "manual";
}

function wordsOf(text: string): readonly string[] {
  return text.trim().toLowerCase().split(/\s+/);
}

function unknown(text: string): string {
  const corrected = correct(text);
  return `"${text}" is no schedule; ${corrected === undefined ? `write ${SCHEDULE_FORMS}` : `did you mean "${corrected}"?`}`;
}

const WORDS = ["every", "daily", "weekly", "monthly", "manual", "start", "at", "on"];

/** The nearest schedule: each misspelt word replaced; undefined when that makes none. */
function correct(text: string): string | undefined {
  if (intervalProblem(text) === undefined) return `every ${text}`;
  const corrected = wordsOf(text)
    .map((word) =>
      /^[a-z]+$/.test(word) && ![...WORDS, ...DAYS, ...FULL_DAYS].includes(word)
        ? (nearestWord(word, WORDS) ?? word)
        : word,
    )
    .join(" ");
  if (corrected !== text && scheduleForm(corrected)) return corrected;
  const guess = guessSchedule(wordsOf(text).join(" ")) ?? guessSchedule(corrected);
  return guess !== undefined && scheduleForm(guess) ? guess : undefined;
}

function scheduleForm(text: string): boolean {
  // Of a text that is still none `unknown` would ask for a correction again, without end.
  const [first = ""] = wordsOf(text);
  if (first === "manual" || first === "on") return text === "manual" || text === "on start";
  if (first === "every") return intervalProblem(wordsOf(text).slice(1).join("")) === undefined;
  return calendarProblem(wordsOf(text)) === undefined;
}

/** Below this a schedule would never let the machine rest; file changes have `watch`. */
const SHORTEST_INTERVAL_MS = 10_000;
/** Beyond this it is a slip; and a date that far ahead can still be counted and shown. */
const LONGEST_INTERVAL_MS = 366 * 24 * 3_600_000;

/** Returns what is wrong with the duration behind `every`. */
export function intervalProblem(duration: string): string | undefined {
  const ms = parseDuration(duration);
  if (ms === undefined) return `"every ${duration}" needs a duration such as 30m, 6h or 1d`;
  if (ms > LONGEST_INTERVAL_MS)
    return `"every ${duration}" is longer than a year; an interval is at most 366d`;
  return ms < SHORTEST_INTERVAL_MS
    ? "an interval is at least 10s; use `watch` to follow file changes"
    : undefined;
}

/** What is wrong with `daily at …`, `weekly on … at …`, `monthly on … at …`; `form`: it is none of them. */
function calendarProblem(words: readonly string[]): string | undefined {
  const [first, ...rest] = words;
  if (first === "daily") return rest[0] === "at" && rest.length === 2 ? timeProblem(rest[1] ?? "") : "form";
  const [on, days = "", at, time = ""] = rest;
  if (on !== "on" || at !== "at" || rest.length !== 4) return "form";
  if (first !== "weekly" && first !== "monthly") return "form";
  for (const day of days.split(",")) {
    const problem = first === "weekly" ? weekdayProblem(day) : monthDayProblem(day);
    if (problem !== undefined) return problem;
  }
  return timeProblem(time);
}

function weekdayProblem(day: string): string | undefined {
  if (DAYS.includes(day) || FULL_DAYS.includes(day)) return undefined;
  const nearest = nearestWord(day, [...DAYS, ...FULL_DAYS]);
  return `"${day}" is no day of the week; ${nearest === undefined ? `they are ${DAYS.join(", ")}` : `did you mean "${nearest}"?`}`;
}

function monthDayProblem(day: string): string | undefined {
  return /^(?:0?[1-9]|[12]\d|3[01])$/.test(day) ? undefined : `"${day}" is no day of a month (1-31)`;
}

function timeProblem(time: string): string | undefined {
  return /^(?:[01]?\d|2[0-3]):[0-5]\d$/.test(time) ? undefined : `"${time}" is no time of day such as 02:00`;
}
