import type { RepoSource } from "../../config/config.ts";
import type { Repository } from "../../git/git.ts";
import { MODE, type Oid } from "../../git/model.ts";
import { displayPath } from "../../git/paths.ts";
import type { StoredConflict } from "../../store/conflict-store.ts";
import type { ConflictRecord } from "../../sync/conflicts/conflict-record.ts";
import type { Deps } from "../deps.ts";
import { findRepos } from "../repo-of.ts";
import { learnConflicts, recordOf } from "./learn-conflicts.ts";

/** Where one side's version is now. */
export type ConflictSide = {
  /** `path`: it has the name; `copy`: it is beside it; `union`: its lines are there; `history`: only in `commit`. */
  readonly where: "path" | "copy" | "union" | "history" | "removed";
  /** The commit that the side had. */
  readonly commit: Oid;
  /** Its content then; undefined: the side had removed it. */
  readonly oid: Oid | undefined;
};

export type ConflictView = {
  readonly source: string;
  readonly path: string;
  readonly reason: string;
  readonly strategy: string;
  readonly kept: string;
  readonly copy: string | undefined;
  /** The device that met it: `local` is its version. */
  readonly device: string;
  readonly author: string;
  /** Milliseconds since 1970 UTC. */
  readonly metAt: number;
  /** The merge. */
  readonly commit: Oid;
  readonly local: ConflictSide;
  readonly remote: ConflictSide;
  /** Undefined: it is open. */
  readonly resolvedAt: number | undefined;
  readonly resolution: string | undefined;
};

export type ListConflictsInput = {
  /** Empty: all sources. */
  readonly names: readonly string[];
  /** Resolved ones, too. */
  readonly all: boolean;
};

/** Tells which conflicts are open, newest first within each source. No network is used. */
export async function listConflicts(deps: Deps, input: ListConflictsInput): Promise<readonly ConflictView[]> {
  const { config } = await deps.config.load();
  const sources = findRepos(deps, config, input.names);
  return sources.flatMap((source) => {
    refreshConflicts(deps, source);
    return deps.conflicts.list({ source: source.name, open: !input.all }).map(viewOf);
  });
}

/** Looks at the history and the files as they are now, where there is a repository to look at. */
export function refreshConflicts(deps: Deps, source: RepoSource): void {
  const state = deps.git.inspect(source.directory);
  if (state.kind !== "ready" || state.head.commit === undefined) return;
  const repository: Repository = deps.git.open(source.directory);
  try {
    learnConflicts(deps, source.name, repository, state.head.commit);
  } finally {
    repository.close();
  }
}

export function viewOf(conflict: StoredConflict): ConflictView {
  const record = recordOf(conflict);
  const { source, metAt, resolvedAt, resolution } = conflict;
  const { reason, strategy, kept, device, author, commit, copy } = record;
  return {
    source,
    path: displayPath(record.path),
    reason,
    strategy,
    kept,
    copy: copy === undefined ? undefined : displayPath(copy),
    device,
    author,
    metAt,
    commit,
    local: { where: whereOf(record, "ours"), commit: record.oursCommit, oid: record.ours?.oid },
    remote: { where: whereOf(record, "theirs"), commit: record.theirsCommit, oid: record.theirs?.oid },
    resolvedAt,
    resolution,
  };
}

/** The side whose version is in the copy. Of a file against a folder the file is, whoever had it. */
export function sideOfCopy(record: Pick<ConflictRecord, "reason" | "ours" | "theirs">): "ours" | "theirs" {
  if (record.reason === "rename") return "theirs";
  return record.reason === "type" && isFolder(record.ours) ? "theirs" : "ours";
}

export function isFolder(version: ConflictRecord["ours"]): boolean {
  return version?.mode === MODE.directory;
}

function whereOf(record: ConflictRecord, side: "ours" | "theirs"): ConflictSide["where"] {
  if (record[side] === undefined) return "removed";
  if (record.kept === "union") return "union";
  if (record.kept === "both") return sideOfCopy(record) === side ? "copy" : "path";
  return record.kept === side ? "path" : "history";
}
