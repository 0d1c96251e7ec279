/** Walks several trees side by side and names the paths in which they differ. Identical folders are not read. */
import { throwIfAborted } from "../../base/abort.ts";
import type { FileVersion, ObjectReader, Oid, RepoPath } from "../model.ts";
import { EMPTY_TREE, MODE } from "../model.ts";
import { differingEntries, type EntryRow } from "../objects/differing-entries.ts";
import { joinPath } from "../paths.ts";

/** What a path is in each of the trees, in their order; undefined where it is no file, link or submodule. */
export type PathVersions = {
  readonly path: RepoPath;
  readonly versions: readonly (FileVersion | undefined)[];
};

export type DifferenceInput = {
  readonly reader: ObjectReader;
  /** Undefined stands for the empty tree. */
  readonly trees: readonly (Oid | undefined)[];
  /** Called for each folder that is compared, with what is not the same in all trees. */
  readonly onFolder?: ((folder: ComparedFolder) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type ComparedFolder = {
  readonly directory: RepoPath;
  readonly trees: readonly (Oid | undefined)[];
  readonly rows: Iterable<EntryRow>;
};

/** A tree deeper than this is a resource bomb; no path of 4096 bytes has more folders. */
const DEEPEST = 2048;

/** Returns the differing paths in byte order. */
export function differingPaths(input: DifferenceInput): PathVersions[] {
  const found: PathVersions[] = [];
  const pending: {
    readonly directory: RepoPath;
    readonly depth: number;
    readonly trees: readonly (Oid | undefined)[];
  }[] = [{ directory: "", depth: 0, trees: input.trees.map((oid) => oid ?? EMPTY_TREE) }];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    throwIfAborted(input.signal);
    const { directory, depth, trees } = step;
    if (depth > DEEPEST || allEqual(trees)) continue;
    const rows = differingEntries(
      input.reader,
      trees.map((oid) => (oid === EMPTY_TREE ? undefined : oid)),
    );
    input.onFolder?.({ directory, trees, rows: rows.values() });
    for (const [name, entries] of rows) {
      const path = joinPath(directory, name);
      const below = entries.map((entry) => (entry?.mode === MODE.directory ? entry.oid : undefined));
      if (below.some((oid) => oid !== undefined))
        pending.push({ directory: path, depth: depth + 1, trees: below });
      const versions = entries.map((entry) =>
        entry === undefined || entry.mode === MODE.directory
          ? undefined
          : { mode: entry.mode, oid: entry.oid },
      );
      if (versions.some((version) => !isSameVersion(version, versions[0]))) found.push({ path, versions });
    }
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

export function isSameVersion(a: FileVersion | undefined, b: FileVersion | undefined): boolean {
  return a?.oid === b?.oid && a?.mode === b?.mode;
}

function allEqual(trees: readonly (Oid | undefined)[]): boolean {
  return trees.every((oid) => oid === trees[0]);
}
