/** The conditions that the clock alone decides: quiet hours, and the gap since the last sync. */
import { formatDuration } from "../base/duration.ts";
import type { QuietHours } from "../config/config.ts";
import type { JudgeInput } from "./conditions.ts";
import { type Finding, MET, unmet } from "./finding.ts";
import { momentOf, shownAt, timeWords } from "./local-time.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** 1970-01-01 was a Thursday. */
const FIRST_WEEKDAY = 4;

/** Quiet is what the clock on the wall shows: the hour that is shown twice in autumn is quiet twice. */
export function quietFinding({ when, clock }: JudgeInput): Finding {
  const now = clock.now();
  const end = quietUntil(when.quietHours, clock, now);
  if (end === undefined) return MET;
  const until = Number.isFinite(end) ? end : undefined;
  const measured =
    until === undefined ? "quiet hours without end" : `quiet hours until ${timeWords(clock, until)}`;
  return unmet({
    condition: "quiet_hours",
    wanted: "a time outside of the quiet hours",
    measured,
    words: measured,
    until,
  });
}

/** Returns when it is no longer quiet, `Infinity` when it always is, undefined when it is not quiet now. */
function quietUntil(all: readonly QuietHours[], clock: JudgeInput["clock"], now: number): number | undefined {
  let end = now;
  // One span may begin before another ends. What has no end within a week and a day has none.
  while (end < now + 8 * DAY_MS) {
    const next = endOfSpan(all, clock, end);
    if (next === undefined) return end === now ? undefined : end;
    end = next;
  }
  return Infinity;
}

/** The end of the longest span that lasts at that moment, or a change of the zone within it. */
function endOfSpan(all: readonly QuietHours[], clock: JudgeInput["clock"], at: number): number | undefined {
  const shown = shownAt(clock, at);
  const today = Math.floor(shown / DAY_MS);
  const ends = all.flatMap(({ from, to, days }) =>
    [today - 1, today].flatMap((day) => {
      if (days.length > 0 && !days.includes((day + FIRST_WEEKDAY) % 7)) return [];
      const start = day * DAY_MS + from * MINUTE_MS;
      const end = day * DAY_MS + to * MINUTE_MS + (to < from ? DAY_MS : 0);
      return shown >= start && shown < end ? [end] : [];
    }),
  );
  return ends.length === 0 ? undefined : momentOf(clock, Math.max(...ends), at);
}

export function gapFinding({ when, clock, lastRunAt }: JudgeInput): Finding {
  const { minGapMs } = when;
  const now = clock.now();
  if (minGapMs === undefined || lastRunAt === undefined || lastRunAt > now) return MET;
  const until = lastRunAt + minGapMs;
  if (now >= until) return MET;
  const wanted = `${formatDuration(minGapMs)} between two syncs`;
  const measured = `last sync ${formatDuration(now - lastRunAt)} ago`;
  return unmet({
    condition: "min_gap",
    wanted,
    measured,
    words: `${measured}, wants ${wanted}: from ${timeWords(clock, until)} on`,
    until,
  });
}
