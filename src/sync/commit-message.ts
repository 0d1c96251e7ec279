/** Commit messages from a template; pure. */
import type { Clock } from "../base/clock.ts";
import { safeText } from "../base/safe-text.ts";
import { displayPath } from "../git/paths.ts";
import type { WorkTreeChange } from "../git/worktree/changes.ts";

export type MessageFacts = {
  readonly changes: readonly WorkTreeChange[];
  readonly device: string;
  readonly clock: Clock;
};

/**
 * Fills {date} {device} {summary} {changes} {files}. An unknown placeholder stays as it is (the config check has
 * refused it before).
 */
export function commitMessage(template: string, facts: MessageFacts): string {
  const names = facts.changes.map((change) => safeText(displayPath(change.path)));
  const values: Readonly<Record<string, string>> = {
    date: localDate(facts.clock),
    device: facts.device,
    summary: summary(facts.changes, names),
    changes: counts(facts.changes),
    files:
      names.slice(0, MOST_NAMES).join("\n") +
      (names.length > MOST_NAMES ? `\n… and ${names.length - MOST_NAMES} more` : ""),
  };
  const filled = template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  return filled.trim() === "" ? (values["summary"] ?? "Update") : filled.trim();
}

/** More names than this make a commit message unreadable; the commit itself has them all. */
const MOST_NAMES = 50;

/** `Update a.md`, `Add a.md and b.md`, `Remove a.md and 3 more`. */
function summary(changes: readonly WorkTreeChange[], names: readonly string[]): string {
  const kinds = new Set(changes.map((change) => change.kind));
  const verb =
    kinds.size !== 1 ? "Update" : kinds.has("added") ? "Add" : kinds.has("deleted") ? "Remove" : "Update";
  const [first = "", second = ""] = names;
  if (names.length === 0) return "Update";
  if (names.length === 1) return `${verb} ${first}`;
  return names.length === 2
    ? `${verb} ${first} and ${second}`
    : `${verb} ${first} and ${names.length - 1} more`;
}

/** `2 added, 1 modified, 3 deleted`. */
function counts(changes: readonly WorkTreeChange[]): string {
  const added = changes.filter((change) => change.kind === "added").length;
  const deleted = changes.filter((change) => change.kind === "deleted").length;
  const modified = changes.length - added - deleted;
  const parts = [
    added > 0 ? `${added} added` : "",
    modified > 0 ? `${modified} modified` : "",
    deleted > 0 ? `${deleted} deleted` : "",
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** Local wall time as `2026-03-01 14:05`. */
export function localDate(clock: Clock): string {
  return localIso(clock).slice(0, 16).replace("T", " ");
}

/** Local wall time as `20260301-140512`, for file names. */
export function localStamp(clock: Clock): string {
  return localIso(clock).slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "-");
}

function localIso(clock: Clock): string {
  const now = clock.now();
  return new Date(now + clock.utcOffset(now) * 60_000).toISOString();
}
