/** What is wrong with a cron expression, in words that help to put it right. */
import { listed, monthHasDay, monthName, ordinal } from "../base/calendar-words.ts";
import { type CronFields, readCron, valuesOf } from "./cron-fields.ts";

/** True for a text that is meant as cron: nobody begins another schedule with a figure or a star. */
export function looksLikeCron(text: string): boolean {
  return /^[*?\d]/.test(text.trim());
}

/** Returns what is wrong with a cron expression, or undefined when it is well formed and fires at some time. */
export function cronProblem(text: string): string | undefined {
  const fields = readCron(text);
  return typeof fields === "string" ? fields : neverFires(text, fields);
}

/** A weekday beside the date makes it "either of them", which always comes; and every month has a last day. */
function neverFires(text: string, { day, month, weekday }: CronFields): string | undefined {
  if (!weekday.any || day.parts.some((part) => part.kind === "last")) return undefined;
  const [first = 1] = valuesOf(day);
  const months = valuesOf(month);
  if (months.some((one) => monthHasDay(one, first))) return undefined;
  const names = listed(months.map(monthName));
  const have = months.length === 1 ? "has" : "have";
  return `"${text}" never fires: ${names} ${have} no ${ordinal(first)}; write "${withLastDay(text)}" for the last day`;
}

function withLastDay(text: string): string {
  const words = text.trim().split(/\s+/);
  words[words.length - 3] = "L";
  return words.join(" ");
}
