import type { getSchedule } from "../../app/get-schedule.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import { hangingLines, wrapColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { pausedText } from "./pauses.ts";
import { localDay, timeAgo, timeLeft } from "./times.ts";

type SourceSchedule = Awaited<ReturnType<typeof getSchedule>>[number];
type Upcoming = SourceSchedule["schedules"][number];
type Run = Upcoming["next"][number];

export function scheduleLines(sources: readonly SourceSchedule[], look: Look): readonly string[] {
  if (sources.length === 0) return ["No sources yet. Take in a folder with `lull add FOLDER`."];
  return sources.flatMap((source, index) => [...(index === 0 ? [] : [""]), ...sourceLines(source, look)]);
}

function sourceLines(source: SourceSchedule, look: Look): readonly string[] {
  return [
    ...hangingLines(
      `${look.style.bold(safeText(source.name))}  `,
      look.style.dim(lastRunText(source, look)),
      look.width,
    ),
    ...restLines(source, look),
    ...source.schedules.flatMap((schedule) => scheduleBlock(schedule, look)),
    ...watchLines(source, look),
  ];
}

function lastRunText({ lastRun }: SourceSchedule, look: Look): string {
  if (lastRun === undefined) return "never synced yet";
  return `last run ${localDay(lastRun.startedAt, look.clock)}, ${timeAgo(lastRun.startedAt, look.clock)}: ${safeText(lastRun.outcome)}`;
}

/** Why nothing of it happens now. */
function restLines({ name, enabled, paused }: SourceSchedule, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  const head = `  ${style.yellow(symbols.attention)} `;
  if (!enabled) {
    const text = `switched off (\`enabled: false\`): only \`lull sync ${safeText(name)}\` syncs it`;
    return hangingLines(head, text, width);
  }
  return paused === undefined ? [] : hangingLines(head, pausedText(paused, look), width);
}

function watchLines({ watch }: SourceSchedule, { width }: Look): readonly string[] {
  if (watch === undefined) return [];
  const [quiet, most] = [formatDuration(watch.quietMs), formatDuration(watch.maxWaitMs)];
  const text = `on changes of files, when they have rested for ${quiet}, after ${most} at the latest`;
  return hangingLines("  ", text, width);
}

function scheduleBlock(schedule: Upcoming, look: Look): readonly string[] {
  const { style, symbols, width } = look;
  const extra = schedule.catchUp ? "" : "; what is missed is skipped";
  const written =
    schedule.words.startsWith(schedule.expression) || !/^[*?\d]/.test(schedule.expression)
      ? ""
      : `  ${style.dim(safeText(schedule.expression))}`;
  return [
    ...hangingLines("  ", `${safeText(schedule.words)}${extra}${written}`, width),
    ...wrapColumns(
      schedule.next.map((run) => {
        const [date, ...rest] = runCells(run, schedule, look);
        return [`    ${date}`, ...rest];
      }),
      width,
    ),
    ...schedule.notes.flatMap((note) =>
      hangingLines(`    ${style.yellow(symbols.attention)} `, safeText(note), width),
    ),
  ];
}

function runCells(run: Run, schedule: Upcoming, { clock, style }: Look): readonly string[] {
  // Seconds matter in cron only; where an interval counts from, nobody knows by the second.
  const precision = schedule.kind === "cron" && run.at % 60_000 !== 0 ? "second" : "minute";
  const date = localDay(run.at, clock, precision);
  if (run.due && run.startsAt === run.at) return ["as soon as the daemon runs"];
  if (run.due) return [date, style.yellow("is past: made up for as soon as the daemon runs")];
  const ahead = timeLeft(run.at, clock);
  return [date, [ahead, ...ownTime(run, schedule, clock), ...jitterText(run)].join(", ")];
}

/** The time of the schedule's own zone, where it is another than here. */
function ownTime(run: Run, { timezone }: Upcoming, clock: Look["clock"]): readonly string[] {
  if (timezone === undefined || run.utcOffset === undefined || run.utcOffset === clock.utcOffset(run.at))
    return [];
  const there = localDay(run.at, { ...clock, utcOffset: () => run.utcOffset ?? 0 });
  const sameDay = there.slice(0, DATE_LENGTH) === localDay(run.at, clock).slice(0, DATE_LENGTH);
  return [`${sameDay ? there.slice(DATE_LENGTH) : there} in ${safeText(timezone)}`];
}

/** `Sun 2026-03-01 `. */
const DATE_LENGTH = 15;

function jitterText({ at, startsAt }: Run): readonly string[] {
  const seconds = Math.round((startsAt - at) / 1000);
  return seconds < 1 ? [] : [`starts ${formatDuration(seconds * 1000)} later (jitter)`];
}
