import type { FileVersion, RepoPath } from "../model.ts";

/** The three trees of a merge by position, and as bits of a mask. */
export const BASE = 0;
export const OURS = 1;
export const THEIRS = 2;
export type Side = typeof OURS | typeof THEIRS;
type Position = typeof BASE | Side;
export const SIDES = [OURS, THEIRS] as const;

export function otherSide(side: Side): Side {
  return side === OURS ? THEIRS : OURS;
}

/** `1` base, `2` ours, `4` theirs. */
export function bitOf(position: Position): number {
  return 1 << position;
}

export type Triple<T> = [T, T, T];

/** What is known of one path at which the three trees differ. Renames change it until it is settled. */
export type MergeEntry = {
  /** Files of the base, ours and theirs at this path; folders are in `folders`. */
  readonly stages: Triple<FileVersion | undefined>;
  /** The path that each stage had before renames were followed. */
  readonly names: Triple<RepoPath>;
  /** Mask of the trees that have a folder at this path. */
  readonly folders: number;
  /** Mask of the two files that were equal when the trees were read; 0 if there are none. */
  readonly equal: number;
  /** The file that our tree really has at this path. */
  readonly standing: FileVersion | undefined;
  /** Why the path conflicts even when its content merges. */
  pathConflict: "renamed twice" | "renamed and removed" | "folder renamed" | undefined;
  /** Nothing is left to decide here; a path that goes has no version. */
  settled: { readonly version: FileVersion | undefined } | undefined;
};

export type MergeEntries = Map<RepoPath, MergeEntry>;

/** Mask of the trees that have a file here. */
export function filesOf(entry: MergeEntry): number {
  const [base, ours, theirs] = entry.stages;
  return (base === undefined ? 0 : 1) | (ours === undefined ? 0 : 2) | (theirs === undefined ? 0 : 4);
}

export function newEntry(path: RepoPath, stages: Triple<FileVersion | undefined>): MergeEntry {
  return {
    stages,
    names: [path, path, path],
    folders: 0,
    equal: 0,
    standing: undefined,
    pathConflict: undefined,
    settled: undefined,
  };
}
