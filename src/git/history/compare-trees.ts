import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import type { FileDifference } from "../git.ts";
import { MODE, type ObjectReader, type Oid, type RepoPath, type TreeEntry } from "../model.ts";
import { readTree } from "../objects/tree-object.ts";
import { joinPath } from "../paths.ts";

/** Folders within folders; deeper trees are an attack or an accident, and no file system could hold them. */
export const MAX_TREE_DEPTH = 2048;

/** Returns the files that differ between two trees, in byte order of their paths. See `treeDifferences`. */
export function compareTrees(
  reader: ObjectReader,
  before: Oid | undefined,
  after: Oid | undefined,
  signal?: AbortSignal,
): FileDifference[] {
  return [...treeDifferences(reader, before, after, signal)];
}

/**
 * Gives the files that differ between two trees one by one, in byte order of their paths. Equal subtrees are not
 * read. Where a file became a folder, the file's removal comes first and its path stands before the folder's files;
 * both paths are given in full. A tree that is undefined has no files.
 * @throws LullError of the reader, `TREE_TOO_DEEP`, or `INTERRUPTED` when the signal is set
 */
export function* treeDifferences(
  reader: ObjectReader,
  before: Oid | undefined,
  after: Oid | undefined,
  signal?: AbortSignal,
): Generator<FileDifference> {
  if (before === after) return;
  const stack: Level[] = [openLevel(reader, "", before, after)];
  for (let level = stack.at(-1); level !== undefined; level = stack.at(-1)) {
    const pair = nextPair(level);
    if (pair === undefined) {
      stack.pop();
      continue;
    }
    const { entry, old, now } = pair;
    const path = joinPath(level.path, entry.name);
    // Folder and file of one name sort apart, so both entries of a pair are of one sort.
    if (entry.mode !== MODE.directory) {
      yield { path, before: versionOf(old), after: versionOf(now) };
      continue;
    }
    throwIfAborted(signal);
    if (stack.length >= MAX_TREE_DEPTH) throw treeTooDeep(entry.oid);
    stack.push(openLevel(reader, path, old?.oid, now?.oid));
  }
}

export function treeTooDeep(oid: Oid): LullError {
  return new LullError({
    kind: "failed",
    code: "TREE_TOO_DEEP",
    message: `tree ${oid} lies more than ${MAX_TREE_DEPTH} folders deep`,
    hint: "remove the nested folders with git on a machine that has them",
    data: { oid },
  });
}

/** One folder on both sides, and how far each side's entries have been taken. */
type Level = {
  readonly path: RepoPath;
  readonly before: readonly TreeEntry[];
  readonly after: readonly TreeEntry[];
  old: number;
  now: number;
};

function openLevel(
  reader: ObjectReader,
  path: RepoPath,
  before: Oid | undefined,
  after: Oid | undefined,
): Level {
  return {
    path,
    before: before === undefined ? [] : readTree(reader, before),
    after: after === undefined ? [] : readTree(reader, after),
    old: 0,
    now: 0,
  };
}

/** The entries of one name; `entry` is the one that exists, the old one if both do. */
type Pair = {
  readonly entry: TreeEntry;
  readonly old: TreeEntry | undefined;
  readonly now: TreeEntry | undefined;
};

/** Moves on to the next name at which the two sides differ. */
function nextPair(level: Level): Pair | undefined {
  for (;;) {
    const old = level.before[level.old];
    const now = level.after[level.now];
    if (old !== undefined && now !== undefined) {
      const order = compareKeys(sortKey(old), sortKey(now));
      if (order <= 0) level.old++;
      if (order >= 0) level.now++;
      if (order < 0) return { entry: old, old, now: undefined };
      if (order > 0) return { entry: now, old: undefined, now };
      if (old.oid !== now.oid || old.mode !== now.mode) return { entry: old, old, now };
    } else if (old !== undefined) {
      level.old++;
      return { entry: old, old, now };
    } else if (now !== undefined) {
      level.now++;
      return { entry: now, old, now };
    } else {
      return undefined;
    }
  }
}

/** Git sorts a folder as if its name ended in `/`. */
function sortKey(entry: TreeEntry): string {
  return entry.mode === MODE.directory ? `${entry.name}/` : entry.name;
}

function compareKeys(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function versionOf(entry: TreeEntry | undefined): FileDifference["before"] {
  return entry === undefined ? undefined : { mode: entry.mode, oid: entry.oid };
}
