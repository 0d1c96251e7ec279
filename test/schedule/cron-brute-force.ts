/**
 * A second opinion on cron: reads an expression by its own few rules and steps through real time, second by second or
 * minute by minute, with the wall clock taken from Intl. Slow and plain, so that it can be believed.
 */

type Fields = {
  readonly second: ReadonlySet<number>;
  readonly minute: ReadonlySet<number>;
  readonly hour: ReadonlySet<number>;
  readonly day: ReadonlySet<number>;
  readonly lastDay: boolean;
  readonly month: ReadonlySet<number>;
  readonly weekday: ReadonlySet<number>;
  readonly anyDay: boolean;
  readonly anyWeekday: boolean;
  /** No star and no step in second, minute and hour: times of day, not a rhythm. */
  readonly fixed: boolean;
  readonly stepMs: number;
};

type WallTime = {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
};

const NAMES = "sun mon tue wed thu fri sat jan feb mar apr may jun jul aug sep oct nov dec".split(" ");

export function readFields(text: string): Fields {
  const words = text.toLowerCase().split(" ");
  const [second = "", minute = "", hour = "", day = "", month = "", weekday = ""] =
    words.length === 5 ? ["0", ...words] : words;
  return {
    second: values(second, 0, 59),
    minute: values(minute, 0, 59),
    hour: values(hour, 0, 23),
    day: values(day, 1, 31),
    lastDay: day.split(",").includes("l"),
    month: values(month, 1, 12),
    weekday: new Set([...values(weekday, 0, 6)].map((one) => one % 7)),
    anyDay: isStar(day),
    anyWeekday: isStar(weekday),
    fixed: !/[*?/]/.test([second, minute, hour].join(" ")),
    stepMs: words.length === 5 || second === "0" ? 60_000 : 1000,
  };
}

function isStar(word: string): boolean {
  return word.split(",").some((part) => ["*", "?", "*/1", "?/1"].includes(part));
}

function values(word: string, low: number, high: number): Set<number> {
  const found = new Set<number>();
  for (const part of word.split(",")) {
    if (part === "l") continue;
    const [span = "", step = "1"] = part.split("/");
    let [from, to] = [low, high];
    if (span !== "*" && span !== "?") {
      const [first = "", last] = span.split("-");
      from = number(first, low);
      to = last === undefined ? (part.includes("/") ? Math.max(from, high) : from) : number(last, low);
      if (last === "sun") to = 7;
    }
    for (let value = from; value <= to; value += Number(step)) found.add(value);
  }
  return found;
}

function number(text: string, low: number): number {
  const named = NAMES.indexOf(text);
  if (named < 0) return Number(text);
  return named < 7 ? named : named - 7 + low;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function wallTime(at: number, timeZone: string): WallTime {
  if (timeZone === "UTC") return utcTime(at);
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(timeZone, formatter);
  }
  const parts = Object.fromEntries(
    formatter.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0 } = parts;
  return { year, month, day, hour, minute, second };
}

function utcTime(at: number): WallTime {
  const date = new Date(at);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
}

function dateMatches(fields: Fields, { year, month, day }: WallTime): boolean {
  if (!fields.month.has(month)) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  const lastOfMonth = new Date(Date.UTC(year, month, 0)).getUTCDate();
  const byDay = fields.day.has(day) || (fields.lastDay && day === lastOfMonth);
  const byWeekday = fields.weekday.has(date.getUTCDay());
  if (fields.anyDay && fields.anyWeekday) return true;
  if (fields.anyDay) return byWeekday;
  return fields.anyWeekday ? byDay : byDay || byWeekday;
}

function matches(fields: Fields, wall: WallTime): boolean {
  return (
    fields.second.has(wall.second) &&
    fields.minute.has(wall.minute) &&
    fields.hour.has(wall.hour) &&
    dateMatches(fields, wall)
  );
}

/** The occurrences with `after < at <= until`, both full minutes. */
export function steppedRuns(
  fields: Fields,
  timeZone: string,
  after: number,
  until: number,
): readonly number[] {
  const found: number[] = [];
  const seen = new Set<number>();
  // A repeated time of day counts once, wherever the walk begins: what was before has to be seen.
  let before = label(wallTime(after - 4 * 3_600_000, timeZone));
  for (let at = after - 4 * 3_600_000 + fields.stepMs; at <= until; at += fields.stepMs) {
    const wall = wallTime(at, timeZone);
    const now = label(wall);
    const runs = fields.fixed
      ? (matches(fields, wall) && !seen.has(now)) || skippedMatch(fields, wall, before, now)
      : matches(fields, wall);
    seen.add(now);
    if (runs && at > after) found.push(at);
    before = now;
  }
  return found;
}

/** The wall clock as a number that can be counted through. */
function label({ year, month, day, hour, minute, second }: WallTime): number {
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** Whether the wall clock, going forward from `before` to `now`, left out a time of this very day that matches. */
function skippedMatch(fields: Fields, wall: WallTime, before: number, now: number): boolean {
  for (let left = before + fields.stepMs; left < now; left += fields.stepMs) {
    const out = utcTime(left);
    if (out.day === wall.day && matches(fields, out)) return true;
  }
  return false;
}
