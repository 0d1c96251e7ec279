import type { SyncReport } from "../../app/sync-sources.ts";
import { formatDuration } from "../../base/duration.ts";
import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import { errorDetails } from "../render-error.ts";
import { count, padTo } from "../text-layout.ts";
import type { Look } from "./look.ts";

export type Run = SyncReport["runs"][number];
type RunError = NonNullable<Run["error"]>;
type Conflict = Run["conflicts"][number];

export type SyncPrint = {
  /** Leave out the sources that need nobody. */
  readonly onlyProblems: boolean;
  readonly verbose: boolean;
};

/** One line a source; below it what needs a person, and at the end what to do next. */
export function syncLines(report: SyncReport, options: SyncPrint, look: Look): readonly string[] {
  const shown = report.runs.filter((run) => !options.onlyProblems || needsAttention(run));
  const nameWidth = Math.min(
    WIDEST_NAME,
    Math.max(0, ...shown.map((run) => Bun.stringWidth(safeText(run.source)))),
  );
  const lines = shown.flatMap((run) => [
    `${runMark(run, look)} ${look.style.bold(padTo(safeText(run.source), nameWidth))}  ${runHeadline(run)}`,
    ...runDetails(run, options).map((line) => `    ${line}`),
  ]);
  return [...lines, ...(report.runs.some((run) => run.dryRun) ? ["Nothing was changed."] : [])];
}

/** One long name must not push the results of all others to the right. */
const WIDEST_NAME = 24;

export function needsAttention(run: Run): boolean {
  return run.outcome !== "synced" && run.outcome !== "up-to-date";
}

export function runMark(run: Run, look: Look): string {
  const { style, symbols } = look;
  switch (run.outcome) {
    case "synced":
      return style.green(symbols.done);
    case "up-to-date":
      return style.dim(symbols.same);
    case "conflict":
    case "partial":
      return style.yellow(symbols.attention);
    case "skipped":
      return style.yellow(symbols.skipped);
    case "failed":
      return style.red(symbols.failed);
  }
}

export function runHeadline(run: Run): string {
  const error = run.error?.message ?? run.reason;
  if (run.outcome === "failed") return safeText(error ?? "failed");
  if (run.outcome === "skipped") return `skipped: ${safeText(error ?? "left alone")}`;
  if (run.outcome === "up-to-date") return "up to date";
  const done = work(run);
  const time = run.dryRun ? "" : ` in ${formatDuration(run.durationMs)}`;
  const open = run.conflicts.filter((conflict) => conflict.open).length;
  const conflicts = open === 0 ? "" : `; ${count(open, "conflict")} ${open === 1 ? "needs" : "need"} you`;
  return `${done === "" ? "synced" : done}${time}${conflicts}`;
}

/** `committed 2 files, received 3 commits, sent 1`; the noun is said once. Also for rows of the history. */
export function workText(
  work: { readonly files: number; readonly received: number; readonly sent: number },
  dryRun = false,
): string {
  const verbs = dryRun ? ["commit", "receive", "send"] : ["committed", "received", "sent"];
  const commits = (amount: number, said: boolean): string =>
    said ? String(amount) : count(amount, "commit");
  const done = [
    work.files === 0 ? "" : `${verbs[0]} ${count(work.files, "file")}`,
    work.received === 0 ? "" : `${verbs[1]} ${commits(work.received, false)}`,
    work.sent === 0 ? "" : `${verbs[2]} ${commits(work.sent, work.received > 0)}`,
  ]
    .filter((part) => part !== "")
    .join(", ");
  return dryRun && done !== "" ? `would ${done}` : done;
}

function work(run: Run): string {
  const sum = (pick: (remote: Run["remotes"][number]) => number): number =>
    run.remotes.reduce((total, remote) => total + pick(remote), 0);
  const received = sum((remote) => remote.received);
  const counted = workText(
    { files: run.committed?.files ?? 0, received, sent: sum((remote) => remote.sent) },
    run.dryRun,
  );
  // A dry run fetches nothing, so it can not count what is new at the remote.
  if (!run.remotes.some((remote) => remote.moved)) return counted;
  return counted === "" ? "would receive new commits" : `${counted}, receive new commits`;
}

export function runDetails(run: Run, options: SyncPrint): readonly string[] {
  const remoteErrors =
    run.outcome === "failed" ? [] : run.remotes.filter((remote) => remote.error !== undefined);
  return [
    ...(run.error === undefined ? [] : errorLines(run.error)),
    ...remoteErrors.flatMap((remote) => [
      `${safeText(remote.name)}: ${safeText(remote.error?.message ?? "")}`,
      ...(remote.error === undefined ? [] : errorLines(remote.error)),
    ]),
    ...run.conflicts.flatMap(conflictLines),
    conflictAdvice(run),
    ...shapingLines(run),
    ...skippedLines(run, options.verbose),
    ...warningLines(run, options.verbose),
    ...(options.verbose
      ? [run.steps.map((step) => `${step.name} ${formatDuration(step.ms)}`).join(", ")]
      : []),
  ].filter((line) => line !== "");
}

function errorLines(error: RunError): readonly string[] {
  const { source: _, ...data } = error.data;
  return errorDetails(new LullError({ ...error, data })).map((line) => line.slice(2));
}

function conflictLines(conflict: Conflict): readonly string[] {
  const head = `${safeText(conflict.path)}: ${safeText(conflict.reason)} (${safeText(conflict.strategy)})`;
  switch (conflict.kept) {
    case "both":
      return [
        head,
        "  the remote's version has the name",
        `  this device's is in ${safeText(conflict.copy ?? conflict.path)}`,
      ];
    case "union":
      return [head, "  it has the lines of both"];
    case "ours":
      return [head, "  this device's version was kept; the remote's is in the history"];
    case "theirs":
      return [head, "  the remote's version was kept; this device's is in the history"];
  }
}

/** What the source's own settings leave undone, so that nobody waits for it. */
function shapingLines(run: Run): readonly string[] {
  const { uncommitted = 0, remotes, otherBranches = [] } = run;
  return [
    uncommitted === 0 ? "" : `${count(uncommitted, "changed file")} left to you (auto_commit: false)`,
    broughtHomeLine(run),
    ...remotes.flatMap(({ name, kept, error }) => {
      if (kept === undefined || error !== undefined) return [];
      const words = kept.where === "here" ? "kept here (direction: pull)" : "left there (direction: push)";
      return [`${safeText(name)}: ${count(kept.commits, "commit")} ${words}`];
    }),
    ...otherBranches.map((branch) => branchLine(branch, run.dryRun)),
  ];
}

/** Somebody else's change in one's own home is worth a line. */
function broughtHomeLine({ source, broughtHome }: Run): string {
  if (broughtHome === undefined) return "";
  const { written, removed } = broughtHome;
  const parts = [
    written === 0 ? "" : `${count(written, "file")} written`,
    removed === 0 ? "" : `${count(removed, "file")} removed`,
  ].filter((part) => part !== "");
  return `in your home: ${parts.join(", ")}; lull undo ${safeText(source)} takes it back`;
}

function branchLine(
  { name, remote, received, sent, isNew, left }: NonNullable<Run["otherBranches"]>[number],
  dryRun: boolean,
): string {
  const done = [isNew ? "new there" : "", workText({ files: 0, received, sent }, dryRun)];
  const words =
    left === undefined ? done.filter((part) => part !== "").join(", ") : `left as it is: ${safeText(left)}`;
  return `${safeText(name)} with ${safeText(remote)}: ${words}`;
}

function conflictAdvice({ source, conflicts }: Run): string {
  const open = conflicts.filter((conflict) => conflict.open);
  if (open.length === 0) return "";
  const byHand = open.some((conflict) => conflict.kept === "both")
    ? " (or put what you want to keep under the name and delete the copy)"
    : "";
  return `Next: lull resolve --source ${safeText(source)}${byHand}`;
}

/** A folder full of sockets must not push the result off the screen. */
const MOST_SKIPPED = 5;

/** What a guard leaves out comes first: it may be what the person counts on being carried. */
function skippedLines(run: Run, all: boolean): readonly string[] {
  const ordered = [
    ...run.skippedPaths.filter(({ guard }) => guard !== undefined),
    ...run.skippedPaths.filter(({ guard }) => guard === undefined),
  ];
  const shown = all ? ordered : ordered.slice(0, MOST_SKIPPED);
  const more = ordered.length - shown.length;
  const first = ordered.find(({ guard }) => guard !== undefined);
  return [
    ...shown.map(({ path, reason, guard }) =>
      guard === undefined
        ? `not carried: ${safeText(path)} (${safeText(reason)})`
        : `left out: ${safeText(path)}: ${safeText(reason)}`,
    ),
    ...(more > 0 ? [`not carried: ${more} more (--verbose names them)`] : []),
    ...(first === undefined
      ? []
      : [
          `Next: mend or ignore it, or if it is meant: lull allow ${safeText(run.source)} ${shellWord(first.path)}`,
        ]),
  ];
}

function warningLines({ warnings = [] }: Run, all: boolean): readonly string[] {
  const shown = all ? warnings : warnings.slice(0, MOST_SKIPPED);
  const more = warnings.length - shown.length;
  return [
    ...shown.map(({ path, reason }) => `note: ${safeText(path)}: ${safeText(reason)}`),
    ...(more > 0 ? [`note: ${more} more like this (--verbose names them)`] : []),
  ];
}

function shellWord(text: string): string {
  const shown = safeText(text);
  return /^[\w@%+=:,./-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", String.raw`'\''`)}'`;
}
