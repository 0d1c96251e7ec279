/** Reads cron expressions: five fields, or six with the second first. What the fields mean is told here, once. */

/** `from` to `to`, both included, every `step`; `last`: the last day of the month. */
export type CronPart =
  | { readonly kind: "span"; readonly from: number; readonly to: number; readonly step: number }
  | { readonly kind: "last" };

export type CronField = {
  /** A star, or a list that holds one: the field says nothing. */
  readonly any: boolean;
  /** In the order of the text. Days of the week: Sunday is 0 or 7. */
  readonly parts: readonly CronPart[];
};

export type CronFields = {
  readonly second: CronField;
  readonly minute: CronField;
  readonly hour: CronField;
  readonly day: CronField;
  readonly month: CronField;
  readonly weekday: CronField;
};

type FieldRule = {
  readonly key: keyof CronFields;
  readonly name: string;
  readonly low: number;
  readonly high: number;
  readonly names?: readonly string[];
};

export const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
export const FULL_DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const RULES: readonly FieldRule[] = [
  { key: "second", name: "second", low: 0, high: 59 },
  { key: "minute", name: "minute", low: 0, high: 59 },
  { key: "hour", name: "hour", low: 0, high: 23 },
  { key: "day", name: "day of month", low: 1, high: 31 },
  { key: "month", name: "month", low: 1, high: 12, names: MONTHS },
  // Sunday is 0 and 7.
  { key: "weekday", name: "day of week", low: 0, high: 7, names: DAYS },
];

/** Without the field for it a cron expression runs at the full minute. */
const FULL_MINUTE: CronField = { any: false, parts: [{ kind: "span", from: 0, to: 0, step: 1 }] };

/** Returns the fields, or in words what is wrong with the first that is none. */
export function readCron(text: string): CronFields | string {
  const words = text.trim().toLowerCase().split(/\s+/);
  if (words.length !== 5 && words.length !== 6) {
    return `"${text}" has ${words.length} fields; cron has five (minute hour day month weekday), or six with the second first`;
  }
  const rules = words.length === 6 ? RULES : RULES.slice(1);
  const fields: Partial<Record<keyof CronFields, CronField>> = { second: FULL_MINUTE };
  for (const [index, rule] of rules.entries()) {
    const field = readField(words[index] ?? "", rule);
    if (typeof field === "string") return field;
    fields[rule.key] = field;
  }
  return fields as CronFields;
}

/** Every value that the field names, lowest first, without the last day of the month; Sunday is 0. */
export function valuesOf(field: CronField): readonly number[] {
  const values = new Set<number>();
  for (const part of field.parts) {
    if (part.kind === "last") continue;
    for (let value = part.from; value <= part.to; value += part.step) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
}

function readField(word: string, rule: FieldRule): CronField | string {
  const parts: CronPart[] = [];
  let any = false;
  for (const text of word.split(",")) {
    const part = readPart(text, rule);
    if (typeof part === "string") return part;
    any ||= isAny(text);
    parts.push(part);
  }
  return { any, parts };
}

/** A step of one leaves nothing out. */
function isAny(text: string): boolean {
  return /^[*?](?:\/0?1)?$/.test(text);
}

function readPart(text: string, rule: FieldRule): CronPart | string {
  const [span = "", stepText, ...more] = text.split("/");
  const wrong = `"${text}" is no ${rule.name} of a cron expression (${rule.low}-${rule.high})`;
  if (more.length > 0) return wrong;
  const step = readStep(text, span, stepText, rule);
  if (typeof step === "string") return step;
  if (span === "*" || span === "?") return { kind: "span", from: rule.low, to: lastOf(rule), step };
  if (span === "l" && rule.key === "day" && stepText === undefined) return { kind: "last" };
  const ends = span.split("-");
  const [from = Number.NaN, to = stepText === undefined ? from : Math.max(from, lastOf(rule))] = ends.map(
    (end, index) => cronNumber(end, rule, index > 0),
  );
  if (ends.length > 2 || !isBetween(from, rule.low, rule.high) || !isBetween(to, rule.low, rule.high))
    return wrong;
  if (from <= to) return { kind: "span", from, to, step };
  const around = `${ends[0]}-${lastOf(rule)},${rule.low}-${ends[1]}`;
  return `"${span}" counts down; a range of a cron expression goes from low to high: write "${around}"`;
}

function readStep(text: string, span: string, step: string | undefined, rule: FieldRule): number | string {
  if (step === undefined) return 1;
  if (!/^\d{1,9}$/.test(step)) return `"${text}" has the step "${step}"; a step is a whole number such as 5`;
  if (Number(step) === 0)
    return `"${text}" has the step 0, which leads nowhere; write "${span}" for every ${rule.name}`;
  if (Number(step) <= rule.high) return Number(step);
  const instead = INTERVAL_UNITS[rule.key];
  const advice = instead === undefined ? "" : `; for that write the schedule "every ${step}${instead}"`;
  return `"${text}" has a step beyond the field: a ${rule.name} goes from ${rule.low} to ${rule.high}${advice}`;
}

/** People mean an interval by a step beyond the field; so it is called in one. */
const INTERVAL_UNITS: Readonly<Partial<Record<keyof CronFields, string>>> = {
  second: "s",
  minute: "m",
  hour: "h",
  day: "d",
};

/** A star and an open end stop at Saturday: seven is Sunday once more. */
function lastOf(rule: FieldRule): number {
  return rule.key === "weekday" ? 6 : rule.high;
}

function cronNumber(text: string, rule: FieldRule, isEnd: boolean): number {
  // The week of `fri-sun` ends with its Sunday.
  if (isEnd && text === "sun" && rule.key === "weekday") return 7;
  const named = rule.names?.indexOf(text) ?? -1;
  if (named >= 0) return named + rule.low;
  return /^\d{1,2}$/.test(text) ? Number(text) : Number.NaN;
}

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}
