import { healsByItself } from "../../app/guard-pause.ts";
import { EVERYTHING, type PausedResult } from "../../app/pause-sources.ts";
import type { ResumedResult } from "../../app/resume-sources.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import type { Look } from "./look.ts";
import { localTime, untilText } from "./times.ts";

type Pause = PausedResult["paused"][number];

/** What was paused, what rests besides, and how to go on. */
export function pausedLines({ changed, paused, dryRun }: PausedResult, look: Look): readonly string[] {
  const others = paused.filter((pause) => changed.every(({ source }) => source !== pause.source));
  const names = changed.map(({ source }) => (source === EVERYTHING ? "" : ` ${safeText(source)}`)).join("");
  return [
    ...changed.map(
      (pause) => `${done(look)} ${dryRun ? "Would pause" : "Paused"} ${pausedUntil(pause, look)}`,
    ),
    ...others.map((pause) => `  paused as well: ${pausedUntil(pause, look)}`),
    dryRun ? "Nothing was changed." : `Next: lull resume${names}, or lull sync${names || " NAME"} for once`,
  ];
}

export function resumedLines({ resumed, paused, dryRun }: ResumedResult, look: Look): readonly string[] {
  const head =
    resumed.length === 0
      ? [paused.length === 0 ? "Nothing is paused." : "Nothing to resume by that name."]
      : resumed.map(
          (pause) => `${done(look)} ${dryRun ? "Would resume" : "Resumed"} ${subject(pause, look)}`,
        );
  return [
    ...head,
    ...paused.map((pause) => `  still paused: ${pausedUntil(pause, look)}`),
    ...(paused.some(({ source }) => source === EVERYTHING)
      ? ["Next: lull resume, to let everything go on"]
      : []),
    ...(dryRun ? ["Nothing was changed."] : []),
  ];
}

/** For a person who syncs what rests. */
export function pausedNote(pause: Pause, look: Look): string {
  if (pause.guard !== undefined)
    return `the daemon leaves ${safeText(pause.source)} alone until ${endOfGuard(pause)}, or a sync by hand goes through`;
  const name = pause.source === EVERYTHING ? "everything" : safeText(pause.source);
  const time = pause.until === undefined ? "" : ` ${untilText(pause.until, look.clock)}`;
  return `${name} is paused${time} and was synced because you asked; \`${resumeCommand(pause.source)}\` ends the pause`;
}

/** `paused until 14:00 (by ada)`, behind the name of what rests. */
export function pausedText({ source, until: end, reason, guard }: Pause, { clock }: Look): string {
  if (guard !== undefined)
    return `stopped by a guard until ${endOfGuard({ source, guard })}: ${safeText(reason)}`;
  const who = /^paused (by .*)$/.exec(reason)?.[1] ?? reason;
  const isEverything = source === EVERYTHING;
  const time = end === undefined ? `until \`${resumeCommand(source)}\`` : untilText(end, clock);
  return `paused${isEverything ? " with all others" : ""} ${time}${who === "" ? "" : ` (${safeText(who)})`}`;
}

function endOfGuard({ source, guard }: Pick<Pause, "source" | "guard">): string {
  const allowed = `\`lull allow ${safeText(source)}\``;
  if (guard === "folder") return "the folder is back";
  return healsByItself(guard) ? `the files are back, or ${allowed}` : allowed;
}

function resumeCommand(source: string): string {
  return source === EVERYTHING ? "lull resume" : `lull resume ${safeText(source)}`;
}

function done({ style, symbols }: Look): string {
  return style.green(symbols.done);
}

/** `notes until 2026-03-02 14:00 (2 h)`. */
export function pausedUntil(pause: Pause, look: Look): string {
  return `${subject(pause, look)} ${until(pause, look)}`;
}

function subject(pause: Pause, look: Look): string {
  return pause.source === EVERYTHING ? "all sources" : look.style.bold(safeText(pause.source));
}

function until(pause: Pause, look: Look): string {
  if (pause.guard !== undefined) return `by a guard, until ${endOfGuard(pause)}: ${safeText(pause.reason)}`;
  if (pause.until === undefined) return `until \`${resumeCommand(pause.source)}\``;
  const left = formatDuration(Math.max(0, pause.until - look.clock.now()));
  return `until ${localTime(pause.until, look.clock)} (${left})`;
}
