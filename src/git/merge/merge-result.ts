/** The outcome of a merge that was computed in memory; nothing in the work tree has changed yet. */
import type { FileVersion, Oid, RepoPath } from "../model.ts";

export type ConflictReason =
  | "content" // both sides changed the same lines, or one file is binary
  | "add-add" // both sides added the path with different content
  | "modify-delete" // one side changed it, the other removed it
  | "type" // file against symlink, file against folder, mode against mode
  | "rename" // both sides renamed it to different names
  | "location"; // one side put it into a folder that the other side renamed; it went along

/** One path that no rule could merge. `undefined`: the path does not exist on that side. */
export type MergeConflict = {
  readonly path: RepoPath;
  readonly reason: ConflictReason;
  readonly base: FileVersion | undefined;
  readonly ours: FileVersion | undefined;
  readonly theirs: FileVersion | undefined;
  /** Where the file was and where each side put it, for the reason `rename`. */
  readonly renamed?: { readonly from: RepoPath; readonly ours: RepoPath; readonly theirs: RepoPath };
  /** Where each side has the file, when it was renamed on one of them only. */
  readonly sides?: { readonly ours: RepoPath; readonly theirs: RepoPath };
};

export type MergeResult = {
  /** Every path that merged cleanly, together with the chosen resolution of each conflict. */
  readonly tree: Oid;
  readonly conflicts: readonly ResolvedConflict[];
};

/** A conflict and what was done about it, so that nothing of either side is lost. */
export type ResolvedConflict = MergeConflict & {
  /** What stands at `path` in the merged tree. */
  readonly kept: "ours" | "theirs" | "both" | "union";
  /** Where the other side's version was put, when `kept` is "both". */
  readonly copy: RepoPath | undefined;
  /** As the decision said. */
  readonly by?: string | undefined;
};

/** Decides one conflict: which side keeps the path, and where a copy of the other side goes, if anywhere. */
export type ConflictResolver = (conflict: MergeConflict) => ConflictDecision;

export type ConflictDecision = {
  readonly keep: "ours" | "theirs";
  readonly copyOtherTo?: RepoPath;
  /** Where both are text: the lines of both sides, ours first; what else is said here holds where they are not. */
  readonly union?: boolean;
  /** Who decided, for the record only; with `union`, where that was done. */
  readonly by?: string;
  /** Who decided where a union was wished for and there are no lines. */
  readonly otherwiseBy?: string;
};
