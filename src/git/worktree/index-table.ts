/**
 * This folder owns the work tree's side of the engine: git's index file, the comparison of the work tree with it,
 * the rules that decide what belongs in it (ignore, attributes, line ends) and the way from files to objects and
 * trees. It must not know refs, remotes, merges or who asked. Nothing here writes into the work tree.
 */
import { LullError } from "../../base/errors.ts";
import { MODE } from "../model.ts";
import { parentPath } from "../paths.ts";
import { mergeEntries, replaceEntries } from "./index-entries-writer.ts";
import { noEntries, turned } from "./index-entries.ts";
import { FIELD } from "./index-layout.ts";
import type { FileMode, FileVersion, Oid, RepoPath } from "../model.ts";
import { CachedTreesReader } from "./cached-trees.ts";
import type { CachedTree, CachedTrees } from "./cached-trees.ts";
import type { IndexEntries } from "./index-entries.ts";
import type { GitIndex, IndexUpdate, StatData } from "./index-model.ts";

export type Timestamp = { readonly seconds: number; readonly nanoseconds: number };
/** By which the file that a table was read from is known again. */
export type IndexSource = {
  readonly stat: StatData;
  readonly checksum: Buffer;
  /** The checksum has been compared with the bytes. */
  readonly isVerified: boolean;
};
const NEVER: Timestamp = { seconds: 0, nanoseconds: 0 };

export class IndexTable implements GitIndex {
  /** When the file was last written, as its own file system says; zero when there is no file. */
  timestamp: Timestamp = NEVER;
  /** When its lock was taken, on the same clock; zero when it is not locked. */
  lockedAt: Timestamp = NEVER;
  /** Undefined: the table is not, or no longer, what a file holds. */
  source: IndexSource | undefined;
  /** Of these the file also holds conflict stages, which are not in this table: the user is in the middle of a merge. */
  readonly unmerged: readonly RepoPath[];
  /** Another number for every change of the entries or their timestamp: what was found out with an earlier one is old. */
  #revision = 0;
  #entries: IndexEntries;
  readonly #trees: CachedTreesReader;
  /** Entries whose stat data this process has set, so that nothing needs to doubt it when it writes the file. */
  #trusted = new Set<RepoPath>();
  /** The trees of folders as they were before `update` changed something below them. */
  readonly #treesBefore = new Map<RepoPath, Oid>();
  readonly #touched = new Set<RepoPath>();

  /** @param trees the body of the index's TREE extension */
  constructor(entries = noEntries(), trees?: Buffer, unmerged: readonly RepoPath[] = []) {
    this.#entries = entries;
    this.#trees = new CachedTreesReader(trees);
    this.unmerged = unmerged;
  }

  get hasConflicts(): boolean {
    return this.unmerged.length > 0;
  }

  get count(): number {
    return this.#entries.count;
  }

  get revision(): number {
    return this.#revision;
  }

  /** The entries themselves, for reading only. */
  get entries(): IndexEntries {
    return this.#entries;
  }

  pathAt(position: number): RepoPath {
    return this.#entries.path(position);
  }

  modeAt(position: number): FileMode {
    return this.#entries.mode(position);
  }

  oidAt(position: number): Oid {
    return this.#entries.oid(position);
  }

  versionAt(position: number): FileVersion {
    return { mode: this.modeAt(position), oid: this.oidAt(position) };
  }

  statAt(position: number): StatData {
    const field = (name: number): number => this.#entries.field(position, name);
    return {
      ctimeSeconds: field(FIELD.ctimeSeconds),
      ctimeNanoseconds: field(FIELD.ctimeNanoseconds),
      mtimeSeconds: field(FIELD.mtimeSeconds),
      mtimeNanoseconds: field(FIELD.mtimeNanoseconds),
      device: field(FIELD.device),
      inode: field(FIELD.inode),
      uid: field(FIELD.uid),
      gid: field(FIELD.gid),
      size: field(FIELD.size),
    };
  }

  isSkipWorktree(position: number): boolean {
    return this.#entries.isSkipWorktree(position);
  }

  /** The user promised not to change the file (`update-index --assume-unchanged`); git does not look at it. */
  isAssumeValid(position: number): boolean {
    return this.#entries.isAssumeValid(position);
  }

  /** `git add --intent-to-add`: the path is known, its content is not; such an entry is in no tree. */
  isIntentToAdd(position: number): boolean {
    return this.#entries.isIntentToAdd(position);
  }

  find(path: RepoPath): number {
    const position = this.lowerBound(path);
    return position < this.count && this.#entries.compare(position, path) === 0 ? position : -1;
  }

  hasDirectory(path: RepoPath): boolean {
    if (path === "") return this.count > 0;
    const prefix = `${path}/`;
    return this.#entries.startsWith(this.lowerBound(prefix), prefix);
  }

  /** Returns the positions [from, to) of all entries below a folder. */
  rangeOf(directory: RepoPath): readonly [from: number, to: number] {
    if (directory === "") return [0, this.count];
    const from = this.lowerBound(`${directory}/`);
    return [from, this.endOf(directory, from)];
  }

  /** Returns the first position, from `from` on, behind all entries below a folder. */
  endOf(directory: RepoPath, from: number): number {
    // "0" is the character after "/".
    return this.#entries.lowerBoundNear(`${directory}0`, from);
  }

  /** Names in a folder, each once: of its files, and of the folders in it. */
  namesIn(directory: RepoPath): readonly RepoPath[] {
    const names: RepoPath[] = [];
    const start = directory === "" ? 0 : directory.length + 1;
    const [from, to] = this.rangeOf(directory);
    for (let at = from; at < to;) {
      const path = this.pathAt(at);
      const slash = path.indexOf("/", start);
      names.push(path.slice(start, slash < 0 ? undefined : slash));
      at = slash < 0 ? at + 1 : this.endOf(path.slice(0, slash), at);
    }
    return names;
  }

  /** Returns the first position whose path is not before `path`. */
  lowerBound(path: RepoPath): number {
    return this.#entries.lowerBound(path);
  }

  /**
   * Flags of an entry that stays are kept (`skip-worktree` must survive an update from a remote), except
   * intent-to-add: now there is content.
   * @throws LullError `INDEX_PATH_CLASH` when a path would be a file and a folder at once; nothing has changed then
   */
  update(changes: ReadonlyMap<RepoPath, IndexUpdate | undefined>): void {
    if (changes.size === 0) return;
    this.source = undefined;
    this.#revision++;
    const before = this.#entries;
    const sorted = [...changes.keys()].sort();
    const touched = sorted.filter((path) => !this.#isSameVersion(path, changes.get(path)));
    this.#rememberTreesBefore(touched);
    if (!replaceEntries(before, sorted, changes)) {
      this.#entries = mergeEntries(before, sorted, changes);
      const set = touched.filter((path) => changes.get(path) !== undefined);
      const clash = before.count === 0 ? clashAmong(set) : this.#findClash(set);
      if (clash !== undefined) {
        this.#entries = before;
        throw pathClash(clash);
      }
    }
    this.#forgetTrees(touched);
    for (const [path, change] of changes) {
      if (change?.stat !== undefined) this.#trusted.add(path);
      else this.#trusted.delete(path);
    }
  }

  cachedTree(path: RepoPath): Oid | undefined {
    const tree = this.#trees.at(path);
    if (tree === undefined) return undefined;
    const [from, to] = this.rangeOf(path);
    return to - from === tree.entries ? tree.oid : undefined;
  }

  /** Records what a folder was written as, with all its entries as they are now. */
  rememberTree(path: RepoPath, tree: CachedTree): void {
    this.source = undefined;
    this.#trees.all.set(path, tree);
  }

  /** The tree that a folder was before `update` changed something below it; it covers all entries not touched. */
  treeBefore(path: RepoPath): Oid | undefined {
    return this.#treesBefore.get(path);
  }

  /** The positions of the entries whose mode or object `update` has changed since the file was read or written. */
  touchedPositions(): ReadonlySet<number> {
    return new Set([...this.#touched].map((path) => this.find(path)));
  }

  /** Called when the file has just been written with what is in this table, which then is what the file holds. */
  written(at: Timestamp, source: IndexSource | undefined): void {
    this.timestamp = at;
    this.lockedAt = NEVER;
    this.source = source;
    this.#revision++;
    this.#trusted.clear();
    this.#touched.clear();
    this.#treesBefore.clear();
  }

  get cachedTrees(): CachedTrees {
    return this.#trees.all;
  }

  /** True when this process has compared the file with the entry itself. */
  isTrusted(path: RepoPath): boolean {
    return this.#trusted.has(path);
  }

  /**
   * Makes entries that may hide a change visible as "to be compared", by git's own trick of a size of zero: those
   * whose file changed at or after the time the index was written, and which nobody has looked at since.
   */
  smudgeRacyEntries(): void {
    if (this.timestamp.seconds === 0) return;
    this.source = undefined;
    const smudged: number[] = [];
    const { words, starts } = this.#entries;
    for (let position = 0; position < this.count; position++) {
      const seconds = turned(words[(starts[position] ?? 0) + FIELD.mtimeSeconds] ?? 0);
      if (
        seconds < this.timestamp.seconds ||
        !this.isRacy(position) ||
        this.modeAt(position) === MODE.submodule
      )
        continue;
      if (!this.isTrusted(this.pathAt(position))) smudged.push(position);
    }
    if (smudged.length > 0) this.#entries = this.#entries.withoutSizes(smudged);
  }

  /** True when the file may have changed after its stat data was taken without this showing in the data. */
  isRacy(position: number): boolean {
    const seconds = this.#entries.field(position, FIELD.mtimeSeconds);
    if (seconds !== this.timestamp.seconds) return seconds > this.timestamp.seconds;
    return this.#entries.field(position, FIELD.mtimeNanoseconds) >= this.timestamp.nanoseconds;
  }

  #isSameVersion(path: RepoPath, change: IndexUpdate | undefined): boolean {
    const position = this.find(path);
    if (position < 0 || change === undefined) return position < 0 && change === undefined;
    if (this.isIntentToAdd(position)) return false;
    return this.modeAt(position) === change.mode && this.oidAt(position) === change.oid;
  }

  /**
   * A path that is now a file and a folder at once, among those that were set.
   * @param paths in order
   */
  #findClash(paths: readonly RepoPath[]): RepoPath | undefined {
    const entries = this.#entries;
    const folders = new Set<RepoPath>([""]);
    let at = 0;
    return paths.find((path) => {
      at = entries.lowerBoundNear(path, at);
      const inside = `${path}/`;
      if (entries.startsWith(entries.lowerBoundNear(inside, at), inside)) return true;
      for (let above = parentPath(path); !folders.has(above); above = parentPath(above)) {
        if (this.find(above) >= 0) return true;
        folders.add(above);
      }
      return false;
    });
  }

  #rememberTreesBefore(touched: readonly RepoPath[]): void {
    for (const path of touched) this.#touched.add(path);
    for (const folder of foldersOf(touched)) {
      const oid = this.#treesBefore.has(folder) ? undefined : this.cachedTree(folder);
      if (oid !== undefined) this.#treesBefore.set(folder, oid);
    }
  }

  #forgetTrees(touched: readonly RepoPath[]): void {
    // A file that takes a folder's place ends the folder's own tree too.
    const trees = this.#trees.all;
    for (const path of touched) trees.delete(path);
    for (const folder of foldersOf(touched)) trees.delete(folder);
  }
}

/** All folders above these paths, the top one included. */
function foldersOf(paths: readonly RepoPath[]): ReadonlySet<RepoPath> {
  const folders = new Set<RepoPath>();
  for (const path of paths) {
    for (let folder = parentPath(path); !folders.has(folder); folder = parentPath(folder))
      folders.add(folder);
  }
  return folders;
}

/** As `#findClash` where these are all paths: without a search for each, of which a clone's 50,000 took 0.1 s. */
function clashAmong(paths: readonly RepoPath[]): RepoPath | undefined {
  const folders = foldersOf(paths);
  return paths.find((path) => folders.has(path));
}

function pathClash(path: RepoPath): LullError {
  return new LullError({
    kind: "failed",
    code: "INDEX_PATH_CLASH",
    message: `the index can not hold ${JSON.stringify(path)} both as a file and as a folder`,
    hint: "run the command again; nothing was changed",
    data: { path },
  });
}
