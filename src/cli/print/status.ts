import type { SourceStatus, StatusResult } from "../../app/get-status.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns, count, fitColumns, hangingLines } from "../text-layout.ts";
import { causeWords } from "./causes.ts";
import type { Look } from "./look.ts";
import { pausedUntil } from "./pauses.ts";
import { sinceText, timeAgo, timeAhead } from "./times.ts";

/** One row a source, and below the table each problem with its next step. */
export function statusLines(result: StatusResult, look: Look): readonly string[] {
  if (result.sources.length === 0) return [];
  const titles = ["SOURCE", "FOLDER", "BRANCH", "CHANGES", "REMOTE", "LAST SYNC"];
  const texts = result.sources.map((source) => [
    safeText(source.name),
    safeText(source.directory ?? "(managed by lull)"),
    safeText(source.branch ?? "-"),
    changes(source),
    remote(source),
    lastSync(source, look),
  ]);
  const room = look.width && look.width - MARK_WIDTH;
  const [head = [], ...fitting] = fitColumns([titles, ...texts], room, look.symbols.cut);
  const rows = result.sources.map((source, index) => {
    const [name = "", ...rest] = fitting[index] ?? [];
    return [mark(source, look), look.style.bold(name), ...rest];
  });
  // The first problem's hint is the last line of all, see `nextStep`.
  const first = result.sources.find((source) => source.problem !== undefined);
  const problems = result.sources.flatMap((source) => [
    ...problemLines(source, look, source !== first),
    ...conflictLines(source, look),
    ...leftOutLines(source, look),
    ...waitingLines(source, look),
  ]);
  const paused = result.paused.map(
    (pause) => `${look.style.yellow(look.symbols.skipped)} paused: ${pausedUntil(pause, look)}`,
  );
  return [
    ...alignColumns([["", ...head].map((title) => look.style.dim(title)), ...rows]),
    ...paused,
    ...problems,
    ...daemonLines(result, look),
  ];
}

function daemonLines({ daemon }: StatusResult, look: Look): readonly string[] {
  if (daemon.pid !== undefined)
    return [look.style.dim(`The daemon runs (process ${daemon.pid}); \`lull why\` tells what it waits for.`)];
  if (!daemon.isNeeded) return [];
  const head = `${look.style.yellow(look.symbols.attention)} `;
  return hangingLines(
    head,
    "No daemon runs, so nothing is synced by itself. Start one: lull daemon start",
    look.width,
  );
}

/** The mark in front and the gap behind it. */
const MARK_WIDTH = 3;

/** What to do next: the gravest thing first. */
export function nextStep(result: StatusResult): string {
  const { sources } = result;
  if (sources.length === 0) return "No sources yet. Next: lull add FOLDER";
  const broken = sources.find((source) => source.problem !== undefined);
  if (broken !== undefined) {
    const hint = broken.problem?.hint;
    if (hint !== undefined) return `Next, for ${safeText(broken.name)}: ${safeText(hint)}`;
  }
  const waiting = sources.filter((source) => isWaiting(source)).map((source) => source.name);
  const conflicts = sources.some(({ openConflicts }) => openConflicts > 0);
  if (waiting.length === 0 && conflicts) return "Next: lull conflicts";
  if (waiting.length === 0) {
    const isAll = broken === undefined && !sources.some(({ leftOut }) => leftOut > 0);
    return isAll ? "Everything is in sync." : "Everything else is in sync.";
  }
  return `Next: lull sync${waiting.length === sources.length ? "" : ` ${waiting.map(safeText).join(" ")}`}`;
}

function isWaiting(source: SourceStatus): boolean {
  if (source.problem !== undefined) return false;
  return source.hasWork || (source.kind === "repo" && source.lastGoodAt === undefined);
}

function mark(source: SourceStatus, look: Look): string {
  if (source.problem !== undefined) return look.style.red(look.symbols.attention);
  return isWaiting(source) ? look.style.yellow(look.symbols.same) : look.style.green(look.symbols.done);
}

function changes(source: SourceStatus): string {
  if (source.uncommitted === undefined) return "-";
  return source.uncommitted === 0 ? "none" : `${source.uncommitted} uncommitted`;
}

function remote(source: SourceStatus): string {
  const { ahead, behind } = source;
  if (ahead === undefined || behind === undefined) return "not seen yet";
  if (ahead + behind === 0) return "in step";
  return [ahead > 0 ? `${ahead} ahead` : "", behind > 0 ? `${behind} behind` : ""]
    .filter((part) => part !== "")
    .join(", ");
}

function lastSync(source: SourceStatus, look: Look): string {
  return source.lastGoodAt === undefined ? "never" : timeAgo(source.lastGoodAt, look.clock);
}

function conflictLines({ name, openConflicts }: SourceStatus, look: Look): readonly string[] {
  if (openConflicts === 0) return [];
  const head = `${look.style.yellow(look.symbols.attention)} `;
  const text = `${safeText(name)}: ${count(openConflicts, "open conflict")}. See: lull conflicts ${safeText(name)}`;
  return hangingLines(head, text, look.width);
}

function leftOutLines({ name, leftOut }: SourceStatus, look: Look): readonly string[] {
  if (leftOut === 0) return [];
  const head = `${look.style.yellow(look.symbols.attention)} `;
  const text = `${safeText(name)}: ${count(leftOut, "file")} left out by a guard. See: lull allow ${safeText(name)} --list`;
  return hangingLines(head, text, look.width);
}

function waitingLines({ name, waiting }: SourceStatus, look: Look): readonly string[] {
  if (waiting === undefined) return [];
  const { cause, reasons, dueSince, latestAt } = waiting;
  const since = `due since ${sinceText(dueSince, look.clock)} (${causeWords(cause).because})`;
  const why = reasons.length === 0 ? "now is a good moment" : `waits: ${reasons.map(safeText).join("; ")}`;
  const latest = latestAt === undefined ? "" : `; runs at the latest ${timeAhead(latestAt, look.clock)}`;
  const head = `${look.style.yellow(look.symbols.more)} `;
  return hangingLines(head, `${safeText(name)}: ${since}, ${why}${latest}`, look.width);
}

function problemLines(source: SourceStatus, look: Look, withHint: boolean): readonly string[] {
  const { problem } = source;
  if (problem === undefined) return [];
  const head = `${look.style.red(look.symbols.attention)} `;
  const lines = hangingLines(head, `${safeText(source.name)}: ${safeText(problem.message)}`, look.width);
  if (problem.hint === undefined || !withHint) return lines;
  return [...lines, ...hangingLines("  ", `Hint: ${safeText(problem.hint)}`, look.width)];
}
