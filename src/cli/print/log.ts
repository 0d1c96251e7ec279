import type { getLog } from "../../app/get-log.ts";
import { formatDuration } from "../../base/duration.ts";
import { safeText } from "../../base/safe-text.ts";
import { count, cutMiddle, wrapColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { workText } from "./sync.ts";
import { localTime } from "./times.ts";

export type LoggedRun = Awaited<ReturnType<typeof getLog>>[number];

/** @param isFiltered whether only some runs were asked for: then none of them does not mean none at all */
export function logLines(runs: readonly LoggedRun[], look: Look, isFiltered = false): readonly string[] {
  if (runs.length === 0)
    return [isFiltered ? "No such syncs." : "No syncs yet. Run the first one with `lull sync`."];
  const head = ["WHEN", "SOURCE", "CAUSE", "OUTCOME", "TOOK", "WHAT"].map((title) => look.style.dim(title));
  return wrapColumns(
    [
      head,
      ...runs.map((run) => [
        localTime(run.startedAt, look.clock),
        look.style.bold(nameIn(run.source, look)),
        safeText(run.cause),
        outcome(run, look),
        run.outcome === "deferred" ? "-" : formatDuration(run.durationMs),
        what(run),
      ]),
    ],
    look.width,
  );
}

/** On a terminal a long name leaves room for what happened. */
function nameIn(source: string, { width, symbols }: Look): string {
  return width === undefined ? safeText(source) : cutMiddle(safeText(source), WIDEST_NAME, symbols.cut);
}

const WIDEST_NAME = 24;

/** The row as JSON: what the run recorded is a document itself, so it is not quoted twice. */
export function loggedDocument(run: LoggedRun): Readonly<Record<string, unknown>> {
  try {
    return { ...run, detail: JSON.parse(run.detail) as unknown };
  } catch {
    return { ...run };
  }
}

function outcome(run: LoggedRun, look: Look): string {
  const text = safeText(run.outcome);
  if (run.outcome === "failed") return look.style.red(text);
  return run.outcome === "synced" || run.outcome === "up-to-date" ? text : look.style.yellow(text);
}

function what(run: LoggedRun): string {
  const work = workText({ files: run.filesCommitted, received: run.commitsReceived, sent: run.commitsSent });
  const conflicts = run.conflicts === 0 ? "" : count(run.conflicts, "conflict");
  return [work, conflicts, safeText(run.message ?? "")].filter((part) => part !== "").join("; ");
}
