/** Wall time of a place, and the moments when its clocks change. Pure, but for the runtime's table of zones. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;

/** `at` is the first moment of the new time; offsets are in minutes ahead of UTC. */
export type ClockChange = { readonly at: number; readonly before: number; readonly after: number };

/** @param timezone IANA name; undefined: this machine's own */
export function utcOffset(at: number, timezone: string | undefined): number {
  if (timezone === undefined) return 0 - new Date(at).getTimezoneOffset();
  const parts: Record<string, number> = {};
  for (const { type, value } of formatterOf(timezone).formatToParts(at)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return (Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / SECOND) * SECOND) / MINUTE;
}

/** Every change with `from < at <= to`, in order. Two within a day would pass for none. */
export function clockChanges(
  span: { readonly from: number; readonly to: number },
  timezone: string | undefined,
): readonly ClockChange[] {
  const changes: ClockChange[] = [];
  let before = utcOffset(span.from, timezone);
  for (let start = span.from; start < span.to; start += DAY) {
    const end = Math.min(start + DAY, span.to);
    const after = utcOffset(end, timezone);
    if (after === before) continue;
    changes.push({ at: firstWith(after, { from: start, to: end }, timezone), before, after });
    before = after;
  }
  return changes;
}

/** The full second from which on the offset holds, by halving. */
function firstWith(
  offset: number,
  span: { readonly from: number; readonly to: number },
  timezone: string | undefined,
): number {
  let low = Math.floor(span.from / SECOND);
  let high = Math.ceil(span.to / SECOND);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (utcOffset(middle * SECOND, timezone) === offset) high = middle;
    else low = middle;
  }
  return high * SECOND;
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** One for each zone: to make one takes longer than a hundred answers. */
function formatterOf(timezone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-US", {
      timeZone: timezone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formatters.set(timezone, formatter);
  }
  return formatter;
}
