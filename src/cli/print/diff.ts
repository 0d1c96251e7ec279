import type { DiffEntry, SourceDiff } from "../../app/diff-source.ts";
import { shortPath } from "../../app/user-path.ts";
import { safeText } from "../../base/safe-text.ts";
import { safeLine } from "../safe-content.ts";
import { alignColumns } from "../text-layout.ts";
import type { Look } from "./look.ts";

const GROUPS = [
  ["home", "in your home, not gathered yet"],
  ["uncommitted", "in the folder, not committed yet"],
  ["left-out", "in the folder, left out by a guard (see `lull allow NAME --list`)"],
  ["unsent", "committed here, not sent yet"],
  ["unreceived", "at the remote, not received yet"],
] as const satisfies readonly (readonly [DiffEntry["where"], string])[];

/** @param options names: file names only, no content. */
export function diffLines(
  diffs: readonly SourceDiff[],
  options: { readonly names: boolean },
  look: Look,
): readonly string[] {
  return diffs.flatMap((diff, index) => [...(index === 0 ? [] : [""]), ...sourceLines(diff, options, look)]);
}

function sourceLines(diff: SourceDiff, options: { readonly names: boolean }, look: Look): readonly string[] {
  const folder = safeText(shortPath(diff.directory, look.home));
  const head = `${look.style.bold(safeText(diff.name))} (${folder})`;
  if (diff.entries.length === 0) return [`${head}: nothing to commit, send or receive`];
  return [
    head,
    ...GROUPS.flatMap(([where, title]) => {
      const entries = diff.entries.filter((entry) => entry.where === where);
      if (entries.length === 0) return [];
      return [
        `  ${look.style.dim(`${title}:`)}`,
        ...(options.names ? nameLines(entries) : patchLines(entries, look)),
      ];
    }),
  ];
}

function nameLines(entries: readonly DiffEntry[]): readonly string[] {
  return alignColumns(entries.map((entry) => [`    ${entry.change}`, safeText(named(entry))]));
}

function named({ path, reason }: DiffEntry): string {
  return reason === undefined ? path : `${path}: ${reason}`;
}

function patchLines(entries: readonly DiffEntry[], look: Look): readonly string[] {
  const [first] = entries;
  if (first?.where === "left-out") return nameLines(entries);
  return entries.flatMap((entry) => [
    `    ${entry.change} ${look.style.bold(safeText(entry.path))}`,
    ...(entry.patch === undefined
      ? ["      (binary or too large to show)"]
      : entry.patch.map((line) => `      ${paint(line, look)}`)),
  ]);
}

function paint(line: string, look: Look): string {
  const text = safeLine(line);
  if (line.startsWith("+")) return look.style.green(text);
  if (line.startsWith("-")) return look.style.red(text);
  return line.startsWith("@@") ? look.style.dim(text) : text;
}
