/** The daemon's story in lines for a person who watches. Pure. */
import type { StoryEvent } from "../../app/story.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import { shortPath } from "../../app/user-path.ts";
import { count, padTo } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { runHeadline, runMark, type Run, runDetails } from "./sync.ts";
import { clockTime, timeAhead, untilText } from "./times.ts";

export type StoryPrint = {
  /** Decisions and single steps too. */
  readonly verbose: boolean;
  /** Only what needs a person. */
  readonly onlyProblems: boolean;
  /** Columns of the longest name, so that the lines align. */
  readonly nameWidth: number;
  /** Whoever takes the lines adds the time. */
  readonly timeless: boolean;
};

type Line = { readonly mark: string; readonly text: string; readonly more?: readonly string[] };

/** Lines of one event; none when it is not to be shown. */
export function storyLines(event: StoryEvent, options: StoryPrint, look: Look): readonly string[] {
  const line = lineOf(event, options, look);
  if (line === undefined) return [];
  const time = options.timeless ? "" : `${look.style.dim(clockTime(event.at, look.clock))}  `;
  const source = sourceOf(event);
  const name = padTo(source === undefined ? "" : safeText(source), options.nameWidth);
  const head = `${time}${look.style.bold(name)}  ${line.mark} ${line.text}`;
  const gap = " ".repeat((options.timeless ? 0 : "00:00:00  ".length) + options.nameWidth + 4);
  return [head, ...(line.more ?? []).map((text) => gap + text)];
}

function sourceOf(event: StoryEvent): string | undefined {
  if (event.kind === "end") return event.run.source;
  return "source" in event && event.source !== "*" ? event.source : undefined;
}

function lineOf(event: StoryEvent, options: StoryPrint, look: Look): Line | undefined {
  const { verbose, onlyProblems } = options;
  const { style, symbols, clock } = look;
  const quiet = style.dim(symbols.same);
  const good = style.green(symbols.done);
  const warn = style.yellow(symbols.attention);
  const bad = style.red(symbols.failed);
  const plain = (mark: string, text: string, more?: readonly string[]): Line | undefined =>
    onlyProblems && (mark === quiet || mark === good)
      ? undefined
      : { mark, text, ...(more === undefined ? {} : { more }) };
  switch (event.kind) {
    case "started":
      return plain(
        good,
        `lull ${safeText(event.program)} keeps ${count(event.sources, "source")} in sync (process ${event.pid}, ${safeText(shortPath(event.configFile, look.home))})`,
        event.warnings.map((warning) => `${warn} ${safeText(warning)}`),
      );
    case "planned":
      return plain(quiet, plannedText(event, look));
    case "due":
      return verbose ? plain(quiet, dueText(event, look)) : undefined;
    case "missed":
      return plain(
        warn,
        `missed ${clockTime(event.missedAt, clock)} and does not make up for it (catch_up: false)${event.nextAt === undefined ? "" : `; next ${timeAhead(event.nextAt, clock)}`}`,
      );
    case "changed":
      return verbose ? plain(quiet, changedText(event.paths)) : undefined;
    case "waiting":
      return plain(
        style.yellow(symbols.more),
        `${event.reasons.map(safeText).join("; ")}${event.latestAt === undefined ? "" : `; at the latest ${timeAhead(event.latestAt, clock)}`}`,
      );
    case "overdue":
      return plain(
        warn,
        `has waited long enough and runs now, although: ${event.despite.map(safeText).join("; ")}`,
      );
    case "assumed":
      return verbose ? plain(quiet, event.words.map(safeText).join("; ")) : undefined;
    case "begin":
      return plain(style.dim(symbols.arrow), `${CAUSES[event.cause]}${lateText(event.at - event.dueSince)}`);
    case "step":
      return verbose ? plain(quiet, style.dim(`${event.step} ${safeText(event.detail)}`)) : undefined;
    case "progress":
      return undefined;
    case "end":
      return endLine(event.run, options, look);
    case "lost":
      return { mark: bad, text: `its process ended early: ${safeText(event.why)}` };
    case "retry":
      return plain(
        quiet,
        `next try ${timeAhead(event.retryAt, clock)}${event.attempts > 1 ? ` (${event.attempts} failed)` : ""}${verbose ? `: ${safeText(event.reason)}` : ""}`,
      );
    case "parked":
      return {
        mark: bad,
        text: `is not tried again by itself: ${safeText(event.reason)}`,
        more: [`Hint: lull sync ${safeText(event.source)}`],
      };
    case "held":
      return plain(
        quiet,
        `${safeText(event.host)} is left alone ${untilText(event.until, clock)}: ${safeText(event.reason)}`,
      );
    case "watching":
      return verbose
        ? plain(quiet, `watches${event.folders === undefined ? "" : ` ${count(event.folders, "folder")}`}`)
        : undefined;
    case "polling":
      return plain(
        warn,
        `looks for changes every ${formatDuration(event.everyMs)}: ${safeText(event.reason)}`,
        hints(event.hint),
      );
    case "gone":
      return { mark: warn, text: safeText(event.message) };
    case "back":
      return plain(good, "the folder is back");
    case "noise":
      return plain(
        warn,
        "changes again and again; a line in .gitignore would keep it out:",
        event.paths.map(
          ({ path, everyMs }) => `${safeText(path)} (a sync every ${formatDuration(everyMs)} at most)`,
        ),
      );
    case "woke":
      return plain(
        quiet,
        `nothing ran for ${formatDuration(event.awayMs)} (sleep); what was missed is made up for`,
      );
    case "clock-set":
      return plain(
        warn,
        `the clock was set ${event.byMs < 0 ? "back" : "forward"} by ${formatDuration(Math.abs(event.byMs))}`,
      );
    case "network":
      return plain(
        event.online ? good : warn,
        event.online ? "the network is back" : "no network; sources with remotes wait",
      );
    case "reloaded":
      return plain(
        good,
        reloadedText(event),
        event.warnings.map((warning) => `${warn} ${safeText(warning)}`),
      );
    case "reload-refused":
      return {
        mark: bad,
        text: "the config file has a mistake; what was read before stays",
        more: mistakeLines(event.error),
      };
    case "paused":
      return plain(
        warn,
        `${event.source === "*" ? "everything: " : ""}${safeText(event.reason)}${event.until === undefined ? "" : `, ${untilText(event.until, clock)}`}`,
      );
    case "resumed":
      return plain(good, event.source === "*" ? "the pause of everything has ended" : "the pause has ended");
    case "recovered":
      return plain(warn, `takes up what the last daemon left: ${event.sources.map(safeText).join(", ")}`);
    case "tidied":
      return verbose ? plain(quiet, `forgot ${count(event.runs, "old run")} of the history`) : undefined;
    case "trouble":
      return { mark: bad, text: safeText(event.message), more: hints(event.hint) };
    case "stopping":
      return plain(
        quiet,
        event.running.length === 0
          ? `ends: ${safeText(event.why)}`
          : `ends when ${event.running.map(safeText).join(", ")} is done: ${safeText(event.why)}`,
      );
    case "stopped":
      return plain(quiet, "ended");
  }
}

/** A cause that begins with the message itself says it once. */
function mistakeLines({
  message,
  causes,
}: {
  readonly message: string;
  readonly causes: readonly string[];
}): readonly string[] {
  const isSaid = causes.some((cause) => cause.startsWith(message));
  return [...(isSaid ? [] : [message]), ...causes].flatMap((text) =>
    text.trimEnd().split("\n").map(safeText),
  );
}

const CAUSES: Readonly<Record<Extract<StoryEvent, { readonly kind: "begin" }>["cause"], string>> = {
  person: "syncs, as asked",
  change: "syncs: files changed",
  "catch-up": "syncs, to make up for a missed time",
  start: "syncs, as at every start",
  schedule: "syncs, as scheduled",
};

/** A moment late is on time. */
const LATE_MS = 90_000;

function lateText(ms: number): string {
  return ms < LATE_MS ? "" : ` (due for ${formatDuration(ms)})`;
}

function plannedText(event: Extract<StoryEvent, { readonly kind: "planned" }>, look: Look): string {
  const ways = [...event.schedules.map(safeText), ...(event.watched ? ["when files change"] : [])];
  const next = event.nextAt === undefined ? "" : `; next ${timeAhead(event.nextAt, look.clock)}`;
  return `${ways.length === 0 ? "only when you ask" : ways.join(", ")}${next}`;
}

function dueText(event: Extract<StoryEvent, { readonly kind: "due" }>, look: Look): string {
  const start =
    event.notBefore > event.at ? `; starts ${timeAhead(event.notBefore, look.clock)} (jitter)` : "";
  return `due (${event.cause})${start}`;
}

/** More names do not fit on a line. */
const MOST_NAMES = 3;

function changedText(paths: readonly string[] | undefined): string {
  if (paths === undefined) return "something changed";
  if (paths.length === 0) return "a branch moved";
  const named = paths.slice(0, MOST_NAMES).map(safeText).join(", ");
  return paths.length > MOST_NAMES
    ? `${named} and ${paths.length - MOST_NAMES} more changed`
    : `${named} changed`;
}

function endLine(run: Run, options: StoryPrint, look: Look): Line | undefined {
  if (options.onlyProblems && (run.outcome === "synced" || run.outcome === "up-to-date")) return undefined;
  const details = runDetails(run, { onlyProblems: options.onlyProblems, verbose: options.verbose });
  return { mark: runMark(run, look), text: runHeadline(run), more: details };
}

export function reloadedText(event: Changes): string {
  const parts = [
    event.added.length === 0 ? "" : `new: ${event.added.map(safeText).join(", ")}`,
    event.removed.length === 0 ? "" : `gone: ${event.removed.map(safeText).join(", ")}`,
    event.changed.length === 0 ? "" : `changed: ${event.changed.map(safeText).join(", ")}`,
  ].filter((part) => part !== "");
  return `the config was read anew${parts.length === 0 ? "" : `; ${parts.join("; ")}`}`;
}

type Changes = Readonly<Record<"added" | "removed" | "changed", readonly string[]>>;

function hints(hint: string | undefined): readonly string[] {
  return hint === undefined ? [] : [`Hint: ${safeText(hint)}`];
}
