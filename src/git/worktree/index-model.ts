/** The staging area in memory, as scan, commit and checkout see it. `index-file.ts` reads and writes it. */
import type { FileVersion, Oid, RepoPath } from "../model.ts";

/** What lstat said when an entry was last known to match its object; all numbers as git stores them (32 bit). */
export type StatData = {
  readonly ctimeSeconds: number;
  readonly ctimeNanoseconds: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly device: number;
  readonly inode: number;
  readonly uid: number;
  readonly gid: number;
  /** File size modulo 2^32. */
  readonly size: number;
};

export type IndexUpdate = FileVersion & {
  /** Undefined: the entry does not vouch for the file in the work tree; the next scan compares content. */
  readonly stat: StatData | undefined;
};

/**
 * Stage-0 entries in byte order of their paths. Conflict stages are never written by lull and make a repository
 * "busy" (see `refs/repository-state.ts`).
 */
export type GitIndex = {
  readonly count: number;
  pathAt(position: number): RepoPath;
  versionAt(position: number): FileVersion;
  statAt(position: number): StatData;
  /** Entries that the user marked `skip-worktree` (sparse checkout) are absent from the work tree on purpose. */
  isSkipWorktree(position: number): boolean;
  /** Returns the position of a path, or -1. */
  find(path: RepoPath): number;
  /** True when some entry lies below this folder. */
  hasDirectory(path: RepoPath): boolean;
  /** Sets (or, with undefined, removes) many entries in one go; invalidates the cached trees above them. */
  update(changes: ReadonlyMap<RepoPath, IndexUpdate | undefined>): void;
  /** The cached tree of a folder ("" for the root) when nothing below it changed since it was written. */
  cachedTree(path: RepoPath): Oid | undefined;
};
