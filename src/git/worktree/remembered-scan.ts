/**
 * A scan that looks only where something may have changed, and takes all else from the scan before it. Whoever gives
 * hints vouches for them; what hints can not speak of (another index, other settings, other rules from outside the
 * work tree) makes them worthless.
 */
import { parentPath } from "../paths.ts";
import type { RepoPath } from "../model.ts";
import type { SkippedPath, WorkTreeChange } from "./changes.ts";
import type { IndexTable } from "./index-table.ts";
import type { WorkTreeMemory } from "./work-tree-memory.ts";

export type RememberedScan = {
  readonly index: IndexTable;
  readonly revision: number;
  /** All that bears on a scan and lies outside the work tree, in one text. */
  readonly circumstances: string;
  readonly changes: readonly WorkTreeChange[];
  readonly skipped: readonly SkippedPath[];
  /** Same content, old stat data. */
  readonly refreshed: readonly RepoPath[];
  /** Entries as young as the index: their files are compared by content each time. */
  readonly racy: readonly RepoPath[];
};

/** To look at more paths than that costs as much as to look at everything. */
const MANY_PATHS = 1000;
/** These speak for the whole folder in which they lie. */
const RULE_FILES = /(?:^|\/)\.git(?:ignore|attributes)$/i;

export type KnownFolders = {
  readonly index: IndexTable;
  readonly scopes: WorkTreeMemory["scopes"];
  /** Whether a real folder is at a path now. */
  readonly isFolder: (path: RepoPath) => boolean;
};

/** Returns the paths to look at, none below another; undefined when everything has to be looked at. */
export function pathsToExamine(
  hints: readonly RepoPath[],
  { index, scopes, isFolder }: KnownFolders,
): readonly RepoPath[] | undefined {
  if (hints.length > MANY_PATHS) return undefined;
  const folders = new Map<RepoPath, boolean>();
  /** Whether the way may lead through a folder: with tracked files, not excluded, and still no link or file. */
  const canPass = (path: RepoPath): boolean => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const can = scopes.get(path)?.isExcluded === false && index.hasDirectory(path) && isFolder(path);
    folders.set(path, can);
    return can;
  };
  const paths = new Set(hints.map((hint) => topOf(withoutSlash(hint), canPass)));
  return paths.has("") ? undefined : [...paths].filter((path) => !hasAbove(paths, path));
}

/** Returns the findings about all paths but these and what is below them. */
export function findingsOutside(
  examined: readonly RepoPath[],
  { changes, skipped, refreshed }: RememberedScan,
): Pick<RememberedScan, "changes" | "skipped" | "refreshed"> {
  const paths = new Set(examined);
  const isOutside = (path: RepoPath): boolean => !paths.has(path) && !hasAbove(paths, path);
  return {
    changes: changes.filter(({ path }) => isOutside(path)),
    skipped: skipped.filter(({ path }) => isOutside(path)),
    refreshed: refreshed.filter(isOutside),
  };
}

/** The path itself, or the first folder on the way to it that can not be passed through. */
function topOf(hint: RepoPath, canPass: (path: RepoPath) => boolean): RepoPath {
  const path = RULE_FILES.test(hint) ? parentPath(hint) : hint;
  for (let slash = path.indexOf("/"); slash >= 0; slash = path.indexOf("/", slash + 1)) {
    const above = path.slice(0, slash);
    if (!canPass(above)) return above;
  }
  return path;
}

function withoutSlash(path: RepoPath): RepoPath {
  return path.endsWith("/") ? path.slice(0, -1) : path;
}

function hasAbove(paths: ReadonlySet<RepoPath>, path: RepoPath): boolean {
  for (let above = path; above !== "";) {
    above = parentPath(above);
    if (paths.has(above)) return true;
  }
  return false;
}
