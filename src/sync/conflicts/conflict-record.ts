/**
 * The record of conflicts travels with the merge that met them, as lines at the end of its commit message. So every
 * device learns of it, no crash and no lost database takes it away, and `git log` shows it. Pure.
 *
 *     Lull-Device: work%20laptop
 *     Lull-Conflict: path=plan.md reason=content strategy=keep-both kept=both copy=… base=100644:… ours=… theirs=…
 *     Lull-Resolved: commit=<the merge> path=plan.md keep=local
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

export type Resolution = { readonly commit: Oid; readonly path: RepoPath; readonly keep: string };

/** Whether a person has to look: both versions lie side by side, or one of them is in the history only and unasked. */
export function needsPerson(conflict: Pick<ConflictRecord, "kept" | "strategy">): boolean {
  return conflict.kept === "both" || conflict.strategy === "manual";
}

/** A merge of strange histories can meet thousands; a commit message is read whole by every `git log`. */
const MOST_RECORDS = 1000;

export function recordLines(conflicts: readonly ResolvedConflict[], device: string): readonly string[] {
  if (conflicts.length === 0) return [];
  return [
    `Lull-Device: ${encode(device)}`,
    ...conflicts.slice(0, MOST_RECORDS).map((conflict) => `Lull-Conflict: ${fields(conflict)}`),
  ];
}

export function resolutionLine({ commit, path, keep }: Resolution): string {
  return `Lull-Resolved: commit=${commit} path=${encodePath(path)} keep=${encode(keep)}`;
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
  const device = decode(valueOf(lines, "Lull-Device: ") ?? "") ?? "";
  const common = {
    commit: oid,
    oursCommit,
    theirsCommit,
    device,
    author: commit.author.name,
    at: commit.committer.seconds * 1000,
  };
  return linesOf(lines, "Lull-Conflict: ").flatMap((line) => {
    const record = parseRecord(line);
    return record === undefined ? [] : [{ ...common, ...record }];
  });
}

export function readResolutions(commit: Commit): readonly Resolution[] {
  if (!commit.message.includes("\nLull-Resolved: ")) return [];
  return linesOf(commit.message.split("\n"), "Lull-Resolved: ").flatMap((line) => {
    const field = fieldsOf(line);
    const path = decodePath(field.get("path"));
    const of = field.get("commit") ?? "";
    const keep = decode(field.get("keep") ?? "");
    return path === undefined || keep === undefined || !OID.test(of) ? [] : [{ commit: of, path, keep }];
  });
}

const OID = /^[0-9a-f]{40}$/;
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

function linesOf(lines: readonly string[], head: string): readonly string[] {
  return lines
    .filter((line) => line.startsWith(head))
    .slice(0, MOST_RECORDS)
    .map((line) => line.slice(head.length));
}

function valueOf(lines: readonly string[], head: string): string | undefined {
  return linesOf(lines, head)[0];
}

function fieldsOf(line: string): ReadonlyMap<string, string> {
  return new Map(
    line.split(" ").map((part) => {
      const equals = part.indexOf("=");
      return [part.slice(0, equals), part.slice(equals + 1)];
    }),
  );
}

function versionIn(text: string | undefined): FileVersion | undefined {
  const match = /^(\d{6}):([0-9a-f]{40})$/.exec(text ?? "");
  const mode = MODES.find((known) => known === Number.parseInt(match?.[1] ?? "", 8));
  return mode === undefined || match?.[2] === undefined ? undefined : { mode, oid: match[2] };
}

const MODES: readonly FileMode[] = Object.values(MODE);

/** Everything but plain characters as `%XX`, one for each byte, so that spaces and line breaks can not forge a field. */
function encodePath(path: RepoPath): string {
  return path.replaceAll(/[^A-Za-z0-9._/~+@,-]/g, (byte) => {
    return `%${byte.charCodeAt(0).toString(16).padStart(2, "0")}`;
  });
}

/** Undefined for what can be no path of a repository. */
function decodePath(text: string | undefined): RepoPath | undefined {
  if (text === undefined || text === "") return undefined;
  const path = text.replaceAll(/%([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  const names = path.split("/");
  const isPath = !path.includes("\0") && !names.some((name) => name === "" || name === "." || name === "..");
  return isPath ? path : undefined;
}

function encode(text: string): string {
  return encodePath(Buffer.from(text, "utf8").toString("latin1"));
}

function decode(text: string): string | undefined {
  const path = decodePath(text.replaceAll("/", "%2f"));
  return path === undefined ? undefined : Buffer.from(path, "latin1").toString("utf8");
}
