/** What is wrong with a cron expression, in words that help to put it right. */
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

const MONTHS: readonly (readonly [name: string, longest: number])[] = [
  ["January", 31],
  // February 29th comes round, if seldom.
  ["February", 29],
  ["March", 31],
  ["April", 30],
  ["May", 31],
  ["June", 30],
  ["July", 31],
  ["August", 31],
  ["September", 30],
  ["October", 31],
  ["November", 30],
  ["December", 31],
];

/** A weekday beside the date makes it "either of them", which always comes; and every month has a last day. */
function neverFires(text: string, { day, month, weekday }: CronFields): string | undefined {
  if (!weekday.any || day.parts.some((part) => part.kind === "last")) return undefined;
  const [first = 1] = valuesOf(day);
  const months = valuesOf(month).flatMap((number) => MONTHS.slice(number - 1, number));
  if (months.some(([, longest]) => first <= longest)) return undefined;
  const names = months.map(([name]) => name);
  const one = names.length === 1;
  const listed = one ? names[0] : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  const ordinal = first === 31 ? "31st" : `${first}th`;
  return `"${text}" never fires: ${listed} ${one ? "has" : "have"} no ${ordinal}; write "${withLastDay(text)}" for the last day`;
}

function withLastDay(text: string): string {
  const words = text.trim().split(/\s+/);
  words[words.length - 3] = "L";
  return words.join(" ");
}
