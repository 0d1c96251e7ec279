import { EMPTY_TREE, MODE, type ObjectReader, type Oid, type RepoPath } from "../model.ts";
import { parseCommitLinks } from "../objects/commit-object.ts";
import { nextTreeEntry } from "../objects/tree-object.ts";
import { TurnKeeper } from "../objects/turn-keeper.ts";
import { displayPath, joinPath } from "../paths.ts";
import { peelTag } from "../objects/tag-object.ts";

/** Where a missing object is missed. */
export type Missed = {
  readonly oid: Oid;
  /** Files or folders ("" for everything) by which commits name it; the first few. */
  readonly paths: readonly RepoPath[];
  readonly morePaths: number;
  /** Commits that hold it. */
  readonly commits: number;
  readonly first: CommitPoint | undefined;
  readonly last: CommitPoint | undefined;
  /** Commits that name it as their parent. */
  readonly children: readonly CommitPoint[];
};

export type CommitPoint = { readonly oid: Oid; readonly seconds: number };

const MOST_PATHS = 5;
/** Of the calendar. */
const LAST_SECOND = 8.64e12;
/** Of one tree; what a repository lost altogether need not be listed file by file. */
const MOST_IN_TREE = 1000;

/**
 * Finds out where missing objects belong: each tree of the history is read once.
 * @param tips names of any kind
 */
export async function locateHoles(
  reader: ObjectReader,
  missing: ReadonlySet<Oid>,
  tips: Iterable<Oid>,
  signal: AbortSignal,
): Promise<ReadonlyMap<Oid, Missed>> {
  const search = new HoleSearch(reader, missing, signal);
  await search.run(tips);
  return search.found();
}

type Inside = { readonly path: RepoPath; readonly oid: Oid };

type Tally = {
  readonly paths: Set<RepoPath>;
  commits: number;
  first: CommitPoint | undefined;
  last: CommitPoint | undefined;
  readonly children: CommitPoint[];
  /** The commit that was counted last. */
  counted: CommitPoint | undefined;
};

class HoleSearch {
  readonly #reader: ObjectReader;
  readonly #missing: ReadonlySet<Oid>;
  readonly #turns: TurnKeeper;
  /** What each tree lacks; most lack nothing. */
  readonly #inside = new Map<Oid, readonly Inside[]>();
  readonly #tallies = new Map<Oid, Tally>();

  constructor(reader: ObjectReader, missing: ReadonlySet<Oid>, signal: AbortSignal) {
    this.#reader = reader;
    this.#missing = missing;
    this.#turns = new TurnKeeper(signal);
  }

  async run(tips: Iterable<Oid>): Promise<void> {
    const seen = new Set<Oid>();
    const stack = [...tips].flatMap((oid) => this.#tryTo(() => peelTag(this.#reader, oid).oid) ?? []);
    for (let oid = stack.pop(); oid !== undefined; oid = stack.pop()) {
      if (seen.has(oid)) continue;
      seen.add(oid);
      const bytes = this.#tryTo(() => this.#reader.read(oid));
      if (bytes?.kind !== "commit") continue;
      const { tree, parents, seconds } = parseCommitLinks(bytes.bytes);
      this.#addCommit({ oid, seconds }, tree, parents);
      stack.push(...parents);
      if (this.#turns.isDue(bytes.bytes.length)) await this.#turns.turn();
    }
  }

  found(): ReadonlyMap<Oid, Missed> {
    return new Map(
      [...this.#tallies].map(([oid, { paths, commits, first, last, children }]) => {
        const shown = [...paths].slice(0, MOST_PATHS);
        const morePaths = paths.size - shown.length;
        return [oid, { oid, paths: shown, morePaths, commits, first, last, children }];
      }),
    );
  }

  #addCommit(point: CommitPoint, tree: Oid, parents: readonly Oid[]): void {
    for (const parent of parents) if (this.#missing.has(parent)) this.#tally(parent).children.push(point);
    for (const { path, oid } of this.#missing.has(tree) ? [{ path: "", oid: tree }] : this.#lacking(tree)) {
      const tally = this.#tally(oid);
      tally.paths.add(path);
      if (tally.counted !== point) tally.commits++;
      tally.counted = point;
      // Of one second, the newer ones come first.
      if (tally.first === undefined || point.seconds <= tally.first.seconds) tally.first = point;
      if (tally.last === undefined || point.seconds > tally.last.seconds) tally.last = point;
    }
  }

  #tally(oid: Oid): Tally {
    let tally = this.#tallies.get(oid);
    if (tally === undefined)
      this.#tallies.set(
        oid,
        (tally = {
          paths: new Set(),
          commits: 0,
          first: undefined,
          last: undefined,
          children: [],
          counted: undefined,
        }),
      );
    return tally;
  }

  #lacking(tree: Oid): readonly Inside[] {
    const known = this.#inside.get(tree);
    if (known !== undefined) return known;
    const found: Inside[] = [];
    // Against a tree that holds itself, which only a broken hash could make.
    this.#inside.set(tree, found);
    const object = tree === EMPTY_TREE ? undefined : this.#tryTo(() => this.#reader.read(tree));
    if (object?.kind !== "tree") return found;
    const bytes = Buffer.from(object.bytes.buffer, object.bytes.byteOffset, object.bytes.length);
    this.#tryTo(() => {
      for (let at = 0; at < bytes.length && found.length < MOST_IN_TREE;) {
        const { mode, nameStart, nameEnd, end } = nextTreeEntry(bytes, at);
        at = end;
        if (mode === MODE.submodule) continue;
        const name = bytes.toString("latin1", nameStart, nameEnd);
        const oid = bytes.toString("hex", end - 20, end);
        if (this.#missing.has(oid)) found.push({ path: name, oid });
        else if (mode === MODE.directory)
          for (const inner of this.#lacking(oid))
            if (found.length < MOST_IN_TREE) found.push({ ...inner, path: joinPath(name, inner.path) });
      }
    });
    this.#turns.isDue(bytes.length);
    return found;
  }

  /** What can not be read has been found out before. */
  #tryTo<Result>(read: () => Result): Result | undefined {
    try {
      return read();
    } catch {
      return undefined;
    }
  }
}

/** In words, e.g. `notes/a.md in 3 commits, from 1a2b3c4 (2026-01-02) to 5d6e7f8 (2026-03-04)`. */
export function missedWords(missed: Missed | undefined): string | undefined {
  if (missed === undefined) return undefined;
  const { paths, morePaths, commits, first, last, children } = missed;
  const [child] = children;
  if (child !== undefined && paths.length === 0)
    return `the history before ${pointWords(child)} can not be read`;
  const names = paths.map((path) => (path === "" ? "all files" : displayPath(path)));
  const what = morePaths > 0 ? `${names.join(", ")} and ${morePaths} more` : names.join(", ");
  if (first === undefined || last === undefined) return what === "" ? undefined : what;
  if (commits === 1) return `${what} in the commit ${pointWords(first)}`;
  return `${what} in ${commits} commits, from ${pointWords(first)} to ${pointWords(last)}`;
}

function pointWords({ oid, seconds }: CommitPoint): string {
  return `${oid.slice(0, 7)} (${new Date(Math.min(seconds, LAST_SECOND) * 1000).toISOString().slice(0, 10)})`;
}
