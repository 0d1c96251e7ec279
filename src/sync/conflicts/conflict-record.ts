/**
 * The record of conflicts travels with the merge that met them, as lines at the end of its commit message. So every
 * device learns of it, no crash and no lost database takes it away, and `git log` shows it. Pure.
 *
 *     Lull-Device: work%20laptop
 *     Lull-Conflict: path=plan.md reason=content strategy=keep-both kept=both copy=… base=100644:… ours=… theirs=…
 */
import type { ConflictReason, ResolvedConflict } from "../../git/merge/merge-result.ts";
import {
  type Commit,
  type FileMode,
  type FileVersion,
  MODE,
  type Oid,
  type RepoPath,
} from "../../git/model.ts";
import { decode, decodePath, encode, encodePath, fieldsOf, linesOf } from "./record-lines.ts";

export type KeptSide = ResolvedConflict["kept"];

/** One conflict as a merge commit tells it. */
export type ConflictRecord = {
  readonly commit: Oid;
  /** The parents of the merge: what the device had, and what the remote had. */
  readonly oursCommit: Oid;
  readonly theirsCommit: Oid;
  readonly path: RepoPath;
  readonly reason: ConflictReason;
  /** Whose rule decided: a strategy's name, or `engine` where a conflict answers itself. */
  readonly strategy: string;
  readonly kept: KeptSide;
  readonly copy: RepoPath | undefined;
  readonly base: FileVersion | undefined;
  readonly ours: FileVersion | undefined;
  readonly theirs: FileVersion | undefined;
  /** The device that met it. */
  readonly device: string;
  /** Who merged, as git knows them. */
  readonly author: string;
  /** Milliseconds since 1970 UTC. */
  readonly at: number;
};

/** Whether a person has to look: both versions lie side by side, or one of them is in the history only and unasked. */
export function needsPerson(conflict: Pick<ConflictRecord, "kept" | "strategy">): boolean {
  return conflict.kept === "both" || conflict.strategy === "manual";
}

/**
 * A merge of strange histories can meet thousands, and each is to be found again. About 300 bytes each: 20,000 make a
 * message of 6 MB, which every `git log` reads whole. Of more the message says how many, and their copies are in the
 * folder.
 */
const MOST_RECORDS = 20_000;

export function recordLines(conflicts: readonly ResolvedConflict[], device: string): readonly string[] {
  if (conflicts.length === 0) return [];
  return [
    `Lull-Device: ${encode(device)}`,
    ...conflicts.slice(0, MOST_RECORDS).map((conflict) => `Lull-Conflict: ${fields(conflict)}`),
  ];
}

function fields(conflict: ResolvedConflict): string {
  const { path, reason, kept, copy, by, base, ours, theirs } = conflict;
  const versions = Object.entries({ base, ours, theirs }).flatMap(([name, version]) =>
    version === undefined ? [] : [`${name}=${version.mode.toString(8).padStart(6, "0")}:${version.oid}`],
  );
  return [
    `path=${encodePath(path)}`,
    `reason=${reason}`,
    `strategy=${by ?? ENGINE}`,
    `kept=${kept}`,
    ...(copy === undefined ? [] : [`copy=${encodePath(copy)}`]),
    ...versions,
  ].join(" ");
}

const ENGINE = "engine";

/** Reads what a commit says of conflicts. It may be anybody's: what does not fit is left out. */
export function readRecords(oid: Oid, commit: Commit): readonly ConflictRecord[] {
  const [oursCommit, theirsCommit, ...more] = commit.parents;
  if (oursCommit === undefined || theirsCommit === undefined || more.length > 0) return [];
  if (!commit.message.includes("\nLull-Conflict: ")) return [];
  const lines = commit.message.split("\n");
  const device = decode(linesOf(lines, "Lull-Device: ")[0] ?? "") ?? "";
  const common = {
    commit: oid,
    oursCommit,
    theirsCommit,
    device,
    author: commit.author.name,
    at: commit.committer.seconds * 1000,
  };
  return linesOf(lines, "Lull-Conflict: ")
    .slice(0, MOST_RECORDS)
    .flatMap((line) => {
      const record = parseRecord(line);
      return record === undefined ? [] : [{ ...common, ...record }];
    });
}

const REASONS: readonly string[] = [
  "content",
  "add-add",
  "modify-delete",
  "type",
  "rename",
  "location",
] satisfies readonly ConflictReason[];
const KEPT: readonly string[] = ["ours", "theirs", "both", "union"] satisfies readonly KeptSide[];

function parseRecord(line: string) {
  const field = fieldsOf(line);
  const path = decodePath(field.get("path"));
  const [reason = "", kept = "", strategy = ""] = ["reason", "kept", "strategy"].map((name) =>
    field.get(name),
  );
  if (path === undefined || !isReason(reason) || !isKept(kept) || !/^[a-z-]{1,20}$/.test(strategy))
    return undefined;
  return {
    path,
    reason,
    strategy,
    kept,
    copy: decodePath(field.get("copy")),
    base: versionIn(field.get("base")),
    ours: versionIn(field.get("ours")),
    theirs: versionIn(field.get("theirs")),
  };
}

function isReason(text: string): text is ConflictReason {
  return REASONS.includes(text);
}

function isKept(text: string): text is KeptSide {
  return KEPT.includes(text);
}

function versionIn(text: string | undefined): FileVersion | undefined {
  const match = /^(\d{6}):([0-9a-f]{40})$/.exec(text ?? "");
  const mode = MODES.find((known) => known === Number.parseInt(match?.[1] ?? "", 8));
  return mode === undefined || match?.[2] === undefined ? undefined : { mode, oid: match[2] };
}

const MODES: readonly FileMode[] = Object.values(MODE);
