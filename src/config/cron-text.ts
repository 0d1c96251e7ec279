/** The grammar of cron expressions: five fields, or six with the second first. */

type Field = {
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
};

export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const DAY_OF_MONTH: Field = { name: "day of month", low: 1, high: 31 };
const MONTH: Field = { name: "month", low: 1, high: 12, names: MONTHS };
/** Sunday is 0 and 7. */
const DAY_OF_WEEK: Field = { name: "day of week", low: 0, high: 7, names: DAYS };

const FIELDS: readonly Field[] = [
  { name: "second", low: 0, high: 59 },
  { name: "minute", low: 0, high: 59 },
  { name: "hour", low: 0, high: 23 },
  DAY_OF_MONTH,
  MONTH,
  DAY_OF_WEEK,
];

/** True for a text that is meant as cron: nobody begins another schedule with a figure or a star. */
export function looksLikeCron(text: string): boolean {
  return /^[*?\d]/.test(text.trim());
}

/** Returns what is wrong with a cron expression, or undefined when it is well formed and fires at some time. */
export function cronProblem(text: string): string | undefined {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words.length !== 5 && words.length !== 6) {
    return `"${text}" has ${words.length} fields; cron has five (minute hour day month weekday), or six with the second first`;
  }
  const fields = words.length === 6 ? FIELDS : FIELDS.slice(1);
  for (const [index, field] of fields.entries()) {
    for (const part of (words[index] ?? "").split(",")) {
      const problem = partProblem(part, field);
      if (problem !== undefined) return problem;
    }
  }
  return neverFires(words.slice(-3)) ? `"${text}" never fires: no such month has that day` : undefined;
}

function partProblem(part: string, field: Field): string | undefined {
  const [span = "", step, ...more] = part.split("/");
  const wrong = `"${part}" is no ${field.name} of a cron expression (${field.low}-${field.high})`;
  if (more.length > 0 || (step !== undefined && !inRange(step, 1, field.high))) return wrong;
  if (isAny(span) || (span === "l" && field === DAY_OF_MONTH && step === undefined)) return undefined;
  const ends = span.split("-");
  const numbers = ends.map((end) => cronNumber(end, field));
  if (ends.length > 2 || !numbers.every((number) => number >= field.low && number <= field.high))
    return wrong;
  const [from = 0, to = from] = numbers;
  if (from <= to) return undefined;
  const last = field === DAY_OF_WEEK ? 6 : field.high;
  const around = `${ends[0]}-${last},${field.low}-${ends[1]}`;
  return `"${span}" counts down; a range of a cron expression goes from low to high: write "${around}"`;
}

function isAny(span: string): boolean {
  return span === "*" || span === "?";
}

function cronNumber(text: string, field: Field): number {
  const named = field.names?.indexOf(text) ?? -1;
  if (named >= 0) return named + field.low;
  return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
}

export function inRange(text: string, low: number, high: number): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) >= low && Number(text) <= high;
}

/** February 29th comes round, if seldom. */
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A weekday beside the date makes it "either of them", which always comes. */
function neverFires([days = "", months = "", weekdays = ""]: readonly string[]): boolean {
  if (!isAny(weekdays) || days.split(",").includes("l")) return false;
  const first = Math.min(...days.split(",").map((part) => lowest(part, DAY_OF_MONTH)));
  return months
    .split(",")
    .every((part) => valuesOf(part, MONTH).every((month) => first > (LONGEST_MONTHS[month - 1] ?? 0)));
}

function lowest(part: string, field: Field): number {
  return valuesOf(part, field)[0] ?? field.low;
}

/** The values of a part that is known to be well formed, lowest first. */
function valuesOf(part: string, field: Field): readonly number[] {
  const [span = "", step = "1"] = part.split("/");
  const ends = isAny(span) ? [field.low, field.high] : span.split("-").map((end) => cronNumber(end, field));
  const from = ends[0] ?? field.low;
  const to = ends[1] ?? (part.includes("/") ? field.high : from);
  const values: number[] = [];
  for (let value = from; value <= to; value += Number(step)) values.push(value);
  return values;
}
