import type { ObjectReader, RepoPath } from "../model.ts";
import { MODE } from "../model.ts";
import { baseName, joinPath, parentPath } from "../paths.ts";
import type { PathVersion, SideChanges } from "./collect-entries.ts";
import { FolderMoves } from "./folder-moves.ts";
import { similarPairs } from "./rename-matrix.ts";
import { FULL_SCORE, Similarity } from "./similarity.ts";

/** At least half of the larger file must be in both; three quarters when only the names speak for the pair. */
const LEAST_SCORE = FULL_SCORE / 2;
const LEAST_BASENAME_SCORE = (FULL_SCORE * 3) / 4;
/** Removed times added files up to which all pairs are compared: git's `merge.renameLimit` of 7,000, squared. */
const PAIR_LIMIT = 49_000_000;
/** Files of equal content among which the one of equal name is sought. */
const IDENTICAL_LIMIT = 100;

/** Empty files are all alike; taking them for renames only misleads. */
const EMPTY_BLOB = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";

export type RenameInput = {
  readonly reader: ObjectReader;
  readonly changes: SideChanges;
  readonly signal?: AbortSignal | undefined;
};

export type FoundRenames = {
  /** New path → old path; each old path at most once. */
  readonly sources: ReadonlyMap<RepoPath, RepoPath>;
  /** Removed folder → folder that its files went to → how many of them. */
  readonly folders: ReadonlyMap<RepoPath, ReadonlyMap<RepoPath, number>>;
};

/**
 * Finds where the removed files of one side went. In the order of git's merge: equal content first, then files that
 * kept a unique name or moved with their folder, then the most similar pairs. Only files whose new place matters are
 * sought by similarity.
 */
export function findRenames({ reader, changes, signal }: RenameInput): FoundRenames {
  const { relevant } = changes;
  const sources = changes.removed.filter(isNotEmpty);
  const targets = changes.added.filter(isNotEmpty);
  const renames = new Renames();
  if (relevant.size === 0 || sources.length === 0 || targets.length === 0)
    return { sources: renames.byTarget, folders: new Map() };
  matchExact(sources, targets, renames);

  const moves = new FolderMoves(changes.removedFolders);
  for (const [to, from] of renames.byTarget) moves.note(from, to);
  renames.onFound = ({ source, target }) => {
    moves.note(source.path, target.path);
  };
  const similarity = new Similarity(reader);
  const left = sources.filter(({ path }) => !renames.used.has(path));
  matchBasenames({ left, targets, relevant, similarity, renames, guesses: moves.guesses() });

  const sought = left.filter(({ path }) => relevant.has(path) && !renames.used.has(path));
  const isNeeded = moves.stillNeeded(sought.map(({ path }) => path));
  const rest = sought.filter(({ path }) => relevant.get(path) === "content" || isNeeded(path));
  const open = targets.filter(({ path }) => !renames.byTarget.has(path));
  if (rest.length > 0 && rest.length * open.length <= PAIR_LIMIT) {
    const pairs = similarPairs({
      sources: rest.filter(isRegular),
      targets: open.filter(isRegular),
      similarity,
      leastScore: LEAST_SCORE,
      signal,
    });
    for (const { source, target } of pairs) renames.add(source, target);
  }
  return { sources: renames.byTarget, folders: moves.relevant() };
}

function isNotEmpty({ oid }: PathVersion): boolean {
  return oid !== EMPTY_BLOB;
}

function isRegular({ mode }: PathVersion): boolean {
  return mode === MODE.file || mode === MODE.executable;
}

class Renames {
  readonly byTarget = new Map<RepoPath, RepoPath>();
  /** Old paths. */
  readonly used = new Set<RepoPath>();
  onFound: (pair: { readonly source: PathVersion; readonly target: PathVersion }) => void = () => {};

  /** Records a pair unless one of the two has a partner already. */
  add(source: PathVersion, target: PathVersion): void {
    if (this.used.has(source.path) || this.byTarget.has(target.path)) return;
    this.byTarget.set(target.path, source.path);
    this.used.add(source.path);
    this.onFound({ source, target });
  }
}

function matchExact(
  sources: readonly PathVersion[],
  targets: readonly PathVersion[],
  renames: Renames,
): void {
  const byContent = Map.groupBy(sources, ({ oid }) => oid);
  for (const target of targets) {
    const candidates: PathVersion[] = [];
    for (const source of byContent.get(target.oid) ?? []) {
      if (renames.used.has(source.path)) continue;
      if (source.mode !== target.mode && !(isRegular(source) && isRegular(target))) continue;
      candidates.push(source);
      if (candidates.length === IDENTICAL_LIMIT) break;
    }
    const namesake = candidates.find(({ path }) => baseName(path) === baseName(target.path));
    const source = namesake ?? candidates[0];
    if (source !== undefined) renames.add(source, target);
  }
}

type BasenameInput = {
  /** Without those that went by equal content. */
  readonly left: readonly PathVersion[];
  readonly targets: readonly PathVersion[];
  readonly relevant: SideChanges["relevant"];
  readonly similarity: Similarity;
  readonly renames: Renames;
  readonly guesses: ReadonlyMap<RepoPath, RepoPath>;
};

/**
 * Most renames are moves between folders, so a name that is unique on both sides is tried before everything else; a
 * name that is not unique is tried where the folder seems to have gone.
 */
function matchBasenames({ left, targets, relevant, similarity, renames, guesses }: BasenameInput): void {
  const open = targets.filter(({ path }) => !renames.byTarget.has(path));
  const sourcesByName = Map.groupBy(left, ({ path }) => baseName(path));
  const targetsByName = Map.groupBy(open, ({ path }) => baseName(path));
  const openByPath = new Map(open.map((target) => [target.path, target]));
  for (const source of left) {
    if (!relevant.has(source.path)) continue;
    const name = baseName(source.path);
    const namesakes = targetsByName.get(name);
    if (namesakes === undefined) continue;
    const isUnique = namesakes.length === 1 && sourcesByName.get(name)?.length === 1;
    const target = isUnique ? namesakes[0] : openByPath.get(guessedPath(source.path, guesses));
    if (target === undefined || renames.byTarget.has(target.path)) continue;
    if (!isRegular(source) || !isRegular(target)) continue;
    if (similarity.score(source.oid, target.oid, LEAST_BASENAME_SCORE) >= LEAST_BASENAME_SCORE)
      renames.add(source, target);
  }
}

/** Where the file is if it moved with its folder. As in git, a folder's move to the top is no guide. */
function guessedPath(path: RepoPath, guesses: ReadonlyMap<RepoPath, RepoPath>): RepoPath {
  const folder = guesses.get(parentPath(path));
  return folder === undefined || folder === "" ? "" : joinPath(folder, baseName(path));
}
