/**
 * From which time on things are kept, as git's config says it: `never`, `now`, `90 days`, `2.weeks.ago`. Git reads
 * nearly any words here (approxidate); what is not understood keeps everything.
 * @param now seconds since 1970
 * @returns seconds since 1970; what is older may go. 0 keeps everything.
 */
export function parseExpiry(text: string, now: number): number {
  const words = text.trim().toLowerCase();
  if (words === "now" || words === "all") return Number.POSITIVE_INFINITY;
  const [, amount, unit] =
    /^(\d+)[. ](second|minute|hour|day|week|month|year)s?(?:[. ]ago)?$/.exec(words) ?? [];
  if (amount === undefined || unit === undefined) return 0;
  return Math.max(0, now - Number(amount) * (SECONDS[unit] ?? Number.POSITIVE_INFINITY));
}

const DAY = 24 * 60 * 60;
/** Months and years as long as they can be: rather a day too late than too early. */
const SECONDS: Readonly<Record<string, number>> = {
  second: 1,
  minute: 60,
  hour: 60 * 60,
  day: DAY,
  week: 7 * DAY,
  month: 31 * DAY,
  year: 366 * DAY,
};
