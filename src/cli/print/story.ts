/** The daemon's story in lines for a person who watches. Pure. */
import { sourceOf, type StoryEvent } from "../../app/story.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import { shortPath } from "../../app/user-path.ts";
import { count, cutMiddle, displayWidth, hangingLines, padTo } from "../text-layout.ts";
import { causeWords } from "./causes.ts";
import type { Look } from "./look.ts";
import { needsAttention, runHeadline, runMark, type Run, runDetails } from "./sync.ts";
import { clockAsOf, clockTime, timeAhead, untilText } from "./times.ts";

export type StoryPrint = {
  /** Decisions and single steps too. */
  readonly verbose: boolean;
  /** Only what needs a person. */
  readonly onlyProblems: boolean;
  /** Columns for the names, so that the lines align; see `nameColumn`. */
  readonly nameWidth: number;
  /** Whoever takes the lines adds the time. */
  readonly timeless: boolean;
  /** The run ended as the one before it: what it says is known. */
  readonly isRepeated?: boolean;
};

/** Lines of one event, its times ahead seen from when it happened; none when it is not to be shown. */
export function storyLines(event: StoryEvent, options: StoryPrint, look: Look): readonly string[] {
  const { style, width } = look;
  const line = lineOf(event, { ...options, look, clock: clockAsOf(event.at, look.clock) });
  if (line === undefined) return [];
  const time = options.timeless ? "" : `${style.dim(clockTime(event.at, look.clock))}  `;
  const source = sourceOf(event);
  const name = source === undefined ? "" : cutMiddle(safeText(source), options.nameWidth, look.symbols.cut);
  const head = `${time}${style.bold(padTo(name, options.nameWidth))}  ${markText(line.mark, look)} `;
  const gap = " ".repeat(displayWidth(head));
  return [
    ...hangingLines(head, line.text, width),
    ...(line.more ?? []).flatMap((text) =>
      PICTURE.test(text) ? [gap + text] : hangingLines(gap + indentOf(text), text.trimStart(), width),
    ),
  ];
}

/** Whether an event has a line at all. */
export function tellsSomething(event: StoryEvent, verbose: boolean, look: Look): boolean {
  const options = { verbose, onlyProblems: false, nameWidth: 0, timeless: true };
  return storyLines(event, options, look).length > 0;
}

/** Columns for these names: those of the longest, but no long name takes the room of what is told. */
export function nameColumn(names: readonly string[], width: number | undefined): number {
  const most = width === undefined ? WIDEST_NAME : Math.min(WIDEST_NAME, Math.floor(width / 4));
  return Math.min(most, Math.max(0, ...names.map((name) => displayWidth(safeText(name)))));
}

const WIDEST_NAME = 24;

/** A line of the config and the caret below it (`config/problems.ts`): their columns belong together. */
const PICTURE = /^ +\d* \| /;

function indentOf(text: string): string {
  return /^ */.exec(text)?.[0] ?? "";
}

/** One mark and a text for each kind of event; none: only a person who wants each decision sees it. */
type Teller<Kind extends StoryEvent["kind"]> = (event: EventOf<Kind>, told: Told) => Line | undefined;
type EventOf<Kind extends StoryEvent["kind"]> = Extract<StoryEvent, { readonly kind: Kind }>;

type Mark = "quiet" | "good" | "wait" | "warn" | "bad" | "begin";

/** What tellers need beside the event. */
type Told = StoryPrint & { readonly look: Look; readonly clock: Look["clock"] };

type Line = {
  readonly mark: Mark | { readonly shown: string };
  readonly text: string;
  readonly more?: readonly string[];
  /** For `--verbose` only. */
  readonly isDetail?: boolean;
};

const TELLERS: { readonly [Kind in StoryEvent["kind"]]: Teller<Kind> } = {
  started: ({ program, sources, pid, configFile, warnings }, { look }) => ({
    mark: "good",
    text: `lull ${safeText(program)} keeps ${count(sources, "source")} in sync (process ${pid}, ${safeText(shortPath(configFile, look.home))})`,
    more: warnings.map((warning) => `${markText("warn", look)} ${safeText(warning)}`),
  }),
  planned: (event, { clock }) => ({ mark: "quiet", text: plannedText(event, clock) }),
  due: (event, { clock }) => ({ mark: "quiet", isDetail: true, text: dueText(event, clock) }),
  missed: ({ missedAt, nextAt }, { clock }) => ({
    mark: "warn",
    text: `missed ${clockTime(missedAt, clock)} and does not make up for it (catch_up: false)${nextAt === undefined ? "" : `; next ${timeAhead(nextAt, clock)}`}`,
  }),
  changed: ({ paths }) => ({ mark: "quiet", isDetail: true, text: changedText(paths) }),
  waiting: ({ reasons, latestAt }, { clock }) => ({
    mark: "wait",
    text: `${joined(reasons)}${latestAt === undefined ? "" : `; at the latest ${timeAhead(latestAt, clock)}`}`,
  }),
  overdue: ({ despite }) => ({
    mark: "warn",
    text: `has waited long enough and runs now, although: ${joined(despite)}`,
  }),
  assumed: ({ words }) => ({ mark: "quiet", isDetail: true, text: joined(words) }),
  begin: ({ at, cause, dueSince, attempts = 0 }) => ({
    mark: "begin",
    text: attempts > 0 ? "tries again" : `${causeWords(cause).begins}${lateText(at - dueSince)}`,
  }),
  step: ({ step, detail }, { look }) => ({
    mark: "quiet",
    isDetail: true,
    text: look.style.dim(`${step} ${safeText(detail)}`),
  }),
  progress: () => undefined,
  next: () => undefined,
  end: ({ run }, told) => endLine(run, told),
  // The run that ends with it says so, too.
  lost: ({ why }) => ({ mark: "bad", isDetail: true, text: `its process ended early: ${safeText(why)}` }),
  retry: ({ retryAt, attempts, reason }, { clock, verbose }) => ({
    mark: "quiet",
    text: `next try ${timeAhead(retryAt, clock)}${attempts > 1 ? ` (${attempts} failures in a row)` : ""}${verbose ? `: ${safeText(reason)}` : ""}`,
  }),
  parked: ({ source, reason }) => ({
    mark: "bad",
    text: `is not tried again by itself: ${safeText(reason)}`,
    more: [`Hint: lull sync ${safeText(source)}`],
  }),
  held: ({ host, until, reason, unreachable }, { clock }) => ({
    mark: "quiet",
    // What failed has told that it could not be reached, and when it tries again.
    isDetail: unreachable === true,
    text: `${safeText(host)} is left alone ${untilText(until, clock)}: ${safeText(reason)}`,
  }),
  watching: ({ folders }) => ({
    mark: "quiet",
    isDetail: true,
    text: `watches${folders === undefined ? "" : ` ${count(folders, "folder")}`}`,
  }),
  polling: ({ everyMs, reason, hint }) => ({
    mark: "warn",
    text: `looks for changes every ${formatDuration(everyMs)}: ${safeText(reason)}`,
    more: hints(hint),
  }),
  gone: ({ message }) => ({ mark: "warn", text: safeText(message) }),
  back: () => ({ mark: "good", text: "the folder is back" }),
  noise: ({ paths }) => ({
    mark: "warn",
    text: "changes again and again; a line in .gitignore would keep it out:",
    more: paths.map(
      ({ path, everyMs }) => `${safeText(path)} (a sync every ${formatDuration(everyMs)} at most)`,
    ),
  }),
  woke: ({ awayMs }) => ({
    mark: "quiet",
    text: `nothing ran for ${formatDuration(awayMs)} (sleep); what was missed is made up for`,
  }),
  "clock-set": ({ byMs }) => ({
    mark: "warn",
    text: `the clock was set ${byMs < 0 ? "back" : "forward"} by ${formatDuration(Math.abs(byMs))}`,
  }),
  network: ({ online }) =>
    online
      ? { mark: "good", text: "the network is back" }
      : { mark: "warn", text: "no network; sources with remotes wait" },
  reloaded: (event, { look }) => ({
    mark: "good",
    text: reloadedText(event),
    more: event.warnings.map((warning) => `${markText("warn", look)} ${safeText(warning)}`),
  }),
  "reload-refused": ({ error }) => ({
    mark: "bad",
    text: "the config file has a mistake; what was read before stays",
    more: mistakeLines(error),
  }),
  paused: ({ source, reason, until }, { clock }) => ({
    mark: "warn",
    text: `${source === "*" ? "everything: " : ""}${safeText(reason)}${until === undefined ? "" : `, ${untilText(until, clock)}`}`,
  }),
  resumed: ({ source }) => ({
    mark: "good",
    text: source === "*" ? "the pause of everything has ended" : "the pause has ended",
  }),
  recovered: ({ sources }) => ({
    mark: "warn",
    text: `takes up what the last daemon left: ${joined(sources, ", ")}`,
  }),
  tidied: ({ runs }) => ({
    mark: "quiet",
    isDetail: true,
    text: `forgot ${count(runs, "old run")} of the history`,
  }),
  trouble: ({ message, hint }) => ({ mark: "bad", text: safeText(message), more: hints(hint) }),
  remark: ({ level, message }) => ({
    mark: level === "warn" ? "warn" : "quiet",
    isDetail: level === "debug",
    text: safeText(message),
  }),
  stopping: ({ running, why }) => ({
    mark: "quiet",
    text:
      running.length === 0
        ? `ends: ${safeText(why)}`
        : `ends when ${joined(running, ", ")} is done: ${safeText(why)}`,
  }),
  stopped: () => ({ mark: "quiet", text: "ended" }),
};

function lineOf(event: StoryEvent, told: Told): Line | undefined {
  // The table has for each kind the teller of that very kind, which the compiler can not see through the index.
  const teller = TELLERS[event.kind] as Teller<StoryEvent["kind"]>;
  const line = teller(event, told);
  if (line === undefined || (line.isDetail === true && !told.verbose)) return undefined;
  return told.onlyProblems && isFine(line.mark) ? undefined : line;
}

function isFine(mark: Line["mark"]): boolean {
  return mark === "quiet" || mark === "good" || mark === "begin" || mark === "wait";
}

function markText(mark: Line["mark"], { style, symbols }: Look): string {
  switch (mark) {
    case "quiet":
      return style.dim(symbols.same);
    case "good":
      return style.green(symbols.done);
    case "wait":
      return style.yellow(symbols.more);
    case "warn":
      return style.yellow(symbols.attention);
    case "bad":
      return style.red(symbols.failed);
    case "begin":
      return style.dim(symbols.arrow);
    default:
      return mark.shown;
  }
}

function joined(texts: readonly string[], gap = "; "): string {
  return texts.map(safeText).join(gap);
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

/** A moment late is on time. */
const LATE_MS = 90_000;

function lateText(ms: number): string {
  return ms < LATE_MS ? "" : ` (due for ${formatDuration(ms)})`;
}

function plannedText(event: EventOf<"planned">, clock: Look["clock"]): string {
  const ways = [...event.schedules.map(safeText), ...(event.watched ? ["when files change"] : [])];
  const next = event.nextAt === undefined ? "" : `; next ${timeAhead(event.nextAt, clock)}`;
  return `${ways.length === 0 ? "only when you ask" : ways.join(", ")}${next}`;
}

function dueText(event: EventOf<"due">, clock: Look["clock"]): string {
  const start = event.notBefore > event.at ? `; starts ${timeAhead(event.notBefore, clock)} (jitter)` : "";
  return `due: ${causeWords(event.cause).because}${start}`;
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

function endLine(run: Run, { onlyProblems, verbose, isRepeated = false, look }: Told): Line | undefined {
  if (onlyProblems && !needsAttention(run)) return undefined;
  const mark = { shown: runMark(run, look) };
  if (isRepeated && !verbose) return { mark, text: `as before: ${runHeadline(run)}` };
  return { mark, text: runHeadline(run), more: runDetails(run, { onlyProblems, verbose }) };
}

export function reloadedText(event: Changes): string {
  const parts = [
    event.added.length === 0 ? "" : `new: ${event.added.map(safeText).join(", ")}`,
    event.removed.length === 0 ? "" : `gone: ${event.removed.map(safeText).join(", ")}`,
    event.changed.length === 0 ? "" : `changed: ${event.changed.map(safeText).join(", ")}`,
  ].filter((part) => part !== "");
  return `the config was read anew; ${parts.length === 0 ? "no source changed" : parts.join("; ")}`;
}

type Changes = Readonly<Record<"added" | "removed" | "changed", readonly string[]>>;

function hints(hint: string | undefined): readonly string[] {
  return hint === undefined ? [] : [`Hint: ${safeText(hint)}`];
}
