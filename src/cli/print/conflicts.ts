import type { ConflictSide, ConflictView } from "../../app/conflicts/list-conflicts.ts";
import type { Resolved } from "../../app/conflicts/resolve-conflict.ts";
import { safeText } from "../../base/safe-text.ts";
import { count } from "../text-layout.ts";
import type { Look } from "./look.ts";
import { timeAgo } from "./times.ts";

/** A paragraph for each conflict: what it is, where each version is, and how to resolve it. */
export function conflictLines(conflicts: readonly ConflictView[], look: Look): readonly string[] {
  if (conflicts.length === 0) return ["No open conflicts."];
  const open = conflicts.filter(({ resolvedAt }) => resolvedAt === undefined);
  const paragraphs = conflicts.flatMap((conflict) => paragraph(conflict, look));
  const next = open.length === 0 ? "No open conflicts." : nextLine(open.length);
  return [...paragraphs, next];
}

function nextLine(open: number): string {
  return `${count(open, "open conflict")}. Next: lull resolve PATH --keep local|remote|both, or lull resolve to be asked`;
}

function paragraph(conflict: ConflictView, look: Look): readonly string[] {
  const { style, symbols, clock } = look;
  const { resolvedAt, resolution } = conflict;
  const mark = resolvedAt === undefined ? style.yellow(symbols.attention) : style.green(symbols.done);
  const head = `${mark} ${style.bold(safeText(conflict.path))} in ${safeText(conflict.source)}`;
  const met = `${safeText(conflict.reason)}, met by ${safeText(conflict.device)} ${timeAgo(conflict.metAt, clock)} (${safeText(conflict.strategy)})`;
  const end =
    resolvedAt === undefined
      ? []
      : [`    resolved ${timeAgo(resolvedAt, clock)}: ${safeText(resolution ?? "resolved")}`];
  return [
    `${head}: ${met}`,
    `    local   ${sideText(conflict, conflict.local)}`,
    `    remote  ${sideText(conflict, conflict.remote)}`,
    ...end,
  ];
}

function sideText({ path, copy }: ConflictView, side: ConflictSide): string {
  const at = side.commit.slice(0, 10);
  switch (side.where) {
    case "path":
      return `has the name: ${safeText(path)}`;
    case "copy":
      return `is beside it: ${safeText(copy ?? path)}`;
    case "union":
      return "its lines are in the file";
    case "removed":
      return `had removed it (commit ${at})`;
    case "history":
      return `is in the history: commit ${at}`;
  }
}

export function resolvedLines(resolved: Resolved, look: Look): readonly string[] {
  const { style, symbols } = look;
  const { dryRun, changes, saved } = resolved;
  const done = dryRun ? "Would resolve" : "Resolved";
  const what =
    resolved.keep === "both"
      ? "both versions stay"
      : `${dryRun ? "would keep" : "kept"} ${KEPT[resolved.keep]}`;
  const edits =
    saved === 0
      ? []
      : [`    ${dryRun ? "first commits" : "committed first"}: your edits in ${count(saved, "file")}`];
  const rest =
    resolved.stillOpen - (dryRun ? 1 : 0) > 0
      ? [
          `    ${count(resolved.stillOpen - (dryRun ? 1 : 0), "conflict")} still open: lull conflicts ${safeText(resolved.source)}`,
        ]
      : [];
  return [
    `${style.green(symbols.done)} ${done} ${style.bold(safeText(resolved.path))} in ${safeText(resolved.source)}: ${what}`,
    ...edits,
    ...changes.map(({ path, change }) => `    ${change}  ${safeText(path)}`),
    ...rest,
    ...(dryRun ? ["Nothing was changed."] : [`Next: lull sync ${safeText(resolved.source)}`]),
  ];
}

const KEPT = {
  local: "the local version",
  remote: "the remote's version",
  file: "what you made of it",
} as const;
