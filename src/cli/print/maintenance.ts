import type { SourceMaintenance } from "../../app/maintain-sources.ts";
import { formatByteSize } from "../../base/byte-size.ts";
import { safeText } from "../../base/safe-text.ts";
import { alignColumns, count } from "../text-layout.ts";
import type { Look } from "./look.ts";

export type MaintenanceText = { readonly dryRun: boolean; readonly verbose: boolean };

export function maintenanceLines(
  sources: readonly SourceMaintenance[],
  options: MaintenanceText,
  look: Look,
): readonly string[] {
  if (sources.length === 0) return ["No sources yet. Take in a folder with `lull add FOLDER`."];
  const rows = sources.map((source) => [
    look.style.bold(safeText(source.source)),
    outcome(source, options, look),
  ]);
  const details = sources.flatMap((source) => detailsOf(source, options));
  return [...alignColumns(rows), ...details.map((line) => `  ${safeText(line)}`)];
}

function outcome(source: SourceMaintenance, { dryRun }: MaintenanceText, { style }: Look): string {
  if (source.kind === "failed") return style.red(`failed: ${safeText(source.error.message)}`);
  if (source.kind === "skipped") return style.yellow(`left alone: ${safeText(source.reason)}`);
  const { before, after } = source;
  const done = [
    source.objectsPacked === 0 ? "" : `${count(source.objectsPacked, "object")} packed`,
    source.objectsDropped === 0 ? "" : `${count(source.objectsDropped, "unused object")} dropped`,
    source.reflogEntriesExpired === 0
      ? ""
      : `${count(source.reflogEntriesExpired, "old reflog line")} dropped`,
    source.savepointsExpired === 0 ? "" : `${count(source.savepointsExpired, "old savepoint")} dropped`,
    source.temporaryFilesSwept === 0 ? "" : `${count(source.temporaryFilesSwept, "leftover")} swept`,
  ].filter((part) => part !== "");
  if (done.length === 0) return `nothing to do (${formatByteSize(before.bytes)})`;
  const sizes =
    after === undefined || source.objectsPacked + source.objectsDropped === 0
      ? formatByteSize(before.bytes)
      : `${formatByteSize(before.bytes)} → ${formatByteSize(after.bytes)}`;
  return `${dryRun ? "would be done: " : ""}${done.join(", ")} (${sizes})`;
}

/** Why something stays as it is: only for who asks, as nobody needs to act on it. Hints of what failed always. */
function detailsOf(source: SourceMaintenance, { verbose }: MaintenanceText): readonly string[] {
  switch (source.kind) {
    case "failed":
      return source.error.hint === undefined ? [] : [`${source.source}: ${source.error.hint}`];
    case "skipped":
      return [`${source.source}: ${source.hint}`];
    case "done":
      return verbose ? source.left.map((reason) => `${source.source}: ${reason}`) : [];
  }
}
