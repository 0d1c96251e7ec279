import { throwIfAborted } from "../../base/abort.ts";
import type { FileDifference } from "../git.ts";
import { type FileVersion, MODE, type ObjectReader, type RepoPath } from "../model.ts";
import { baseName } from "../paths.ts";
import { FULL_SCORE, Similarity } from "./similarity.ts";

/** At least half of the larger file must be in both; three quarters when only the names speak for the pair. */
const LEAST_SCORE = FULL_SCORE / 2;
const LEAST_BASENAME_SCORE = (FULL_SCORE * 3) / 4;
/** Removed times added files up to which all pairs are compared (1000 x 1000, about a second). */
const PAIR_LIMIT = 1_000_000;
/** Best sources that are remembered for each added file. */
const CANDIDATES = 4;

/** Empty files are all alike; taking them for renames only misleads. */
const EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

export type RenameInput = {
  readonly reader: ObjectReader;
  /** What one side changed against the base, in order of the paths. */
  readonly differences: Iterable<FileDifference>;
  /** Whether it matters where a removed file went: only if the other side touched it. */
  readonly matters: (removed: RepoPath) => boolean;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Returns where removed files went: old path → new path, each path at most once. In the order of git's merge: equal
 * content first, then files that kept a unique name, then the most similar pairs.
 */
export function findRenames({ reader, differences, matters, signal }: RenameInput): Map<RepoPath, RepoPath> {
  const sources: File[] = [];
  const targets: File[] = [];
  for (const { path, before, after } of differences) {
    if (before !== undefined && after === undefined) addFile(sources, path, before);
    if (before === undefined && after !== undefined) addFile(targets, path, after);
  }
  const renames = new Renames();
  if (sources.length === 0 || targets.length === 0) return renames.found;
  matchExact(sources, targets, renames);

  const similarity = new Similarity(reader);
  const left = sources.filter(
    (file) => isRegular(file) && matters(file.path) && !renames.found.has(file.path),
  );
  const open = targets.filter((file) => isRegular(file) && !renames.targets.has(file.path));
  if (left.length > 0) matchBasenames(left, open, similarity, renames);
  const restLeft = left.filter((file) => !renames.found.has(file.path));
  const restOpen = open.filter((file) => !renames.targets.has(file.path));
  if (restLeft.length * restOpen.length > PAIR_LIMIT) return renames.found;
  const pairs: Pair[] = [];
  for (const target of restOpen) {
    throwIfAborted(signal);
    pairs.push(...bestSources(restLeft, target, similarity));
  }
  pairs.sort(betterFirst);
  for (const { source, target } of pairs) renames.add(source, target);
  return renames.found;
}

type File = FileVersion & { readonly path: RepoPath };

function addFile(files: File[], path: RepoPath, version: FileVersion): void {
  if (version.oid !== EMPTY_BLOB && version.mode !== MODE.submodule) files.push({ ...version, path });
}

function isRegular(file: FileVersion): boolean {
  return file.mode === MODE.file || file.mode === MODE.executable;
}

class Renames {
  readonly found = new Map<RepoPath, RepoPath>();
  readonly targets = new Set<RepoPath>();

  /** Records a pair unless one of the two has a partner already. */
  add(source: File, target: File): void {
    if (this.found.has(source.path) || this.targets.has(target.path)) return;
    this.found.set(source.path, target.path);
    this.targets.add(target.path);
  }
}

function matchExact(sources: readonly File[], targets: readonly File[], renames: Renames): void {
  const byContent = Map.groupBy(sources, ({ oid }) => oid);
  for (const target of targets) {
    const candidates = (byContent.get(target.oid) ?? []).filter(
      (source) =>
        !renames.found.has(source.path) &&
        (source.mode === target.mode || (isRegular(source) && isRegular(target))),
    );
    const namesake = candidates.find(({ path }) => baseName(path) === baseName(target.path));
    const source = namesake ?? candidates[0];
    if (source !== undefined) renames.add(source, target);
  }
}

/** Most renames are moves between folders: a name that is unique on both sides is tried before everything else. */
function matchBasenames(
  sources: readonly File[],
  targets: readonly File[],
  similarity: Similarity,
  renames: Renames,
): void {
  const sourcesByName = Map.groupBy(sources, ({ path }) => baseName(path));
  const targetsByName = Map.groupBy(targets, ({ path }) => baseName(path));
  for (const [name, [source, ...moreSources]] of sourcesByName) {
    const [target, ...moreTargets] = targetsByName.get(name) ?? [];
    if (source === undefined || target === undefined || moreSources.length + moreTargets.length > 0) continue;
    if (similarity.score(source.oid, target.oid, LEAST_SCORE) >= LEAST_BASENAME_SCORE)
      renames.add(source, target);
  }
}

type Pair = {
  readonly source: File;
  readonly target: File;
  readonly score: number;
  readonly sameName: boolean;
};

function bestSources(sources: readonly File[], target: File, similarity: Similarity): Pair[] {
  const pairs: Pair[] = [];
  for (const source of sources) {
    const score = similarity.score(source.oid, target.oid, LEAST_SCORE);
    if (score < LEAST_SCORE) continue;
    pairs.push({ source, target, score, sameName: baseName(source.path) === baseName(target.path) });
  }
  return pairs.sort(betterFirst).slice(0, CANDIDATES);
}

/** Sorting is stable, so equal pairs stay in order of their paths. */
function betterFirst(a: Pair, b: Pair): number {
  return b.score - a.score || Number(b.sameName) - Number(a.sameName);
}
