/** What a scan found: the work tree against the index. */
import type { RepoPath } from "../model.ts";

export type ChangeKind = "added" | "modified" | "deleted" | "mode-changed" | "type-changed";

export type WorkTreeChange = { readonly path: RepoPath; readonly kind: ChangeKind };

/** Something in the work tree that lull does not carry, with the reason in words for the user. */
export type SkippedPath = {
  readonly path: RepoPath;
  readonly reason:
    | "nested-repository"
    | "fifo"
    | "socket"
    | "device"
    | "unreadable"
    | "submodule"
    | "filter"
    | "forbidden-name"
    /** Not let in by whoever asked for the commit; a scan never says so. */
    | "not-admitted";
};

export type WorkTreeChanges = {
  /** In byte order of their paths. Untracked files that are not ignored count as `added`. */
  readonly changes: readonly WorkTreeChange[];
  readonly skipped: readonly SkippedPath[];
  /** Entries whose stat data was stale while their content was the same: worth a rewrite of the index. */
  readonly refreshed: number;
  /** Entries of the index, whatever became of their files. */
  readonly tracked: number;
};
