/**
 * This folder owns the work tree's side of the engine: git's index file, the comparison of the work tree with it,
 * the rules that decide what belongs in it (ignore, attributes, line ends) and the way from files to objects and
 * trees. It must not know refs, remotes, merges or who asked. Nothing here writes into the work tree.
 */
import { LullError } from "../../base/errors.ts";
import { MODE } from "../model.ts";
import { parentPath } from "../paths.ts";
import { FIELD, FIELDS, FLAG, mergeColumns, OID_BYTES } from "./index-columns.ts";
import type { FileMode, FileVersion, Oid, RepoPath } from "../model.ts";
import type { CachedTree, CachedTrees } from "./cached-trees.ts";
import type { IndexColumns } from "./index-columns.ts";
import type { GitIndex, IndexUpdate, StatData } from "./index-model.ts";

export type Timestamp = { readonly seconds: number; readonly nanoseconds: number };
/** By which the file that a table was read from is known again. */
export type IndexSource = { readonly stat: StatData; readonly checksum: Uint8Array };
const NEVER: Timestamp = { seconds: 0, nanoseconds: 0 };

export class IndexTable implements GitIndex {
  /** When the file was last written, as its own file system says; zero when there is no file. */
  timestamp: Timestamp = NEVER;
  /** When its lock was taken, on the same clock; zero when it is not locked. */
  lockedAt: Timestamp = NEVER;
  /** Undefined: the table is not, or no longer, what a file holds. */
  source: IndexSource | undefined;
  /** The file also holds conflict stages, which are not in this table: the user is in the middle of a merge. */
  readonly hasConflicts: boolean;
  #columns: IndexColumns;
  readonly #trees: CachedTrees;
  /** Entries whose stat data this process has set, so that nothing needs to doubt it when it writes the file. */
  #trusted = new Set<RepoPath>();
  /** The trees of folders as they were before `update` changed something below them. */
  readonly #treesBefore = new Map<RepoPath, Oid>();
  readonly #touched = new Set<RepoPath>();

  constructor(columns: IndexColumns, trees: CachedTrees = new Map(), hasConflicts = false) {
    this.#columns = columns;
    this.#trees = trees;
    this.hasConflicts = hasConflicts;
  }

  get count(): number {
    return this.#columns.paths.length;
  }

  /** The columns themselves, for reading only. */
  get columns(): IndexColumns {
    return this.#columns;
  }

  pathAt(position: number): RepoPath {
    const path = this.#columns.paths[position];
    if (path === undefined) throw new RangeError(`index position ${position} of ${this.count}`);
    return path;
  }

  modeAt(position: number): FileMode {
    return this.#field(position, FIELD.mode) as FileMode;
  }

  oidAt(position: number): Oid {
    return this.#columns.oids.toString("hex", position * OID_BYTES, (position + 1) * OID_BYTES);
  }

  versionAt(position: number): FileVersion {
    return { mode: this.modeAt(position), oid: this.oidAt(position) };
  }

  statAt(position: number): StatData {
    return {
      ctimeSeconds: this.#field(position, FIELD.ctimeSeconds),
      ctimeNanoseconds: this.#field(position, FIELD.ctimeNanoseconds),
      mtimeSeconds: this.#field(position, FIELD.mtimeSeconds),
      mtimeNanoseconds: this.#field(position, FIELD.mtimeNanoseconds),
      device: this.#field(position, FIELD.device),
      inode: this.#field(position, FIELD.inode),
      uid: this.#field(position, FIELD.uid),
      gid: this.#field(position, FIELD.gid),
      size: this.#field(position, FIELD.size),
    };
  }

  isSkipWorktree(position: number): boolean {
    return ((this.#columns.extended[position] ?? 0) & FLAG.skipWorktree) !== 0;
  }

  /** The user promised not to change the file (`update-index --assume-unchanged`); git does not look at it. */
  isAssumeValid(position: number): boolean {
    return ((this.#columns.flags[position] ?? 0) & FLAG.assumeValid) !== 0;
  }

  /** `git add --intent-to-add`: the path is known, its content is not; such an entry is in no tree. */
  isIntentToAdd(position: number): boolean {
    return ((this.#columns.extended[position] ?? 0) & FLAG.intentToAdd) !== 0;
  }

  find(path: RepoPath): number {
    const position = this.lowerBound(path);
    return this.#columns.paths[position] === path ? position : -1;
  }

  hasDirectory(path: RepoPath): boolean {
    if (path === "") return this.count > 0;
    const prefix = `${path}/`;
    return this.#columns.paths[this.lowerBound(prefix)]?.startsWith(prefix) === true;
  }

  /** Returns the positions [from, to) of all entries below a folder. */
  rangeOf(directory: RepoPath): readonly [from: number, to: number] {
    if (directory === "") return [0, this.count];
    return [this.lowerBound(`${directory}/`), this.endOf(directory)];
  }

  /** Returns the first position behind all entries below a folder. */
  endOf(directory: RepoPath): number {
    // "0" is the character after "/".
    return this.lowerBound(`${directory}0`);
  }

  /** Returns the first position whose path is not before `path`. */
  lowerBound(path: RepoPath): number {
    const { paths } = this.#columns;
    let low = 0;
    let high = paths.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((paths[middle] ?? "") < path) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /**
   * Flags of an entry that stays are kept (`skip-worktree` must survive an update from a remote), except
   * intent-to-add: now there is content.
   * @throws LullError `INDEX_PATH_CLASH` when a path would be a file and a folder at once; nothing has changed then
   */
  update(changes: ReadonlyMap<RepoPath, IndexUpdate | undefined>): void {
    if (changes.size === 0) return;
    this.source = undefined;
    const before = this.#columns;
    const sorted = [...changes.keys()].sort();
    const touched = sorted.filter((path) => !this.#isSameVersion(path, changes.get(path)));
    this.#rememberTreesBefore(touched);
    const merged = mergeColumns(before, sorted, changes);
    this.#columns = merged;
    for (const path of touched) {
      if (changes.get(path) !== undefined && this.#clashes(path)) {
        this.#columns = before;
        throw pathClash(path);
      }
    }
    for (const path of touched) this.#forgetTreesAbove(path);
    for (const [path, change] of changes) {
      if (change?.stat !== undefined) this.#trusted.add(path);
      else this.#trusted.delete(path);
    }
  }

  cachedTree(path: RepoPath): Oid | undefined {
    const tree = this.#trees.get(path);
    if (tree === undefined) return undefined;
    const [from, to] = this.rangeOf(path);
    return to - from === tree.entries ? tree.oid : undefined;
  }

  /** Records what a folder was written as, with all its entries as they are now. */
  rememberTree(path: RepoPath, tree: CachedTree): void {
    this.source = undefined;
    this.#trees.set(path, tree);
  }

  /** The tree that a folder was before `update` changed something below it; it covers all entries not touched. */
  treeBefore(path: RepoPath): Oid | undefined {
    return this.#treesBefore.get(path);
  }

  /** True when `update` has changed the path's mode or object since the file was read or written. */
  isTouched(path: RepoPath): boolean {
    return this.#touched.has(path);
  }

  /** Called when the file has just been written with what is in this table. */
  written(at: Timestamp): void {
    this.timestamp = at;
    this.#trusted.clear();
    this.#touched.clear();
    this.#treesBefore.clear();
  }

  get cachedTrees(): CachedTrees {
    return this.#trees;
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
    const { fields, paths } = this.#columns;
    for (let position = 0, at = 0; position < paths.length; position++, at += FIELDS) {
      if (!this.isRacy(position) || this.modeAt(position) === MODE.submodule) continue;
      if (!this.isTrusted(this.pathAt(position))) fields[at + FIELD.size] = 0;
    }
  }

  /** True when the file may have changed after its stat data was taken without this showing in the data. */
  isRacy(position: number): boolean {
    const seconds = this.#field(position, FIELD.mtimeSeconds);
    if (seconds !== this.timestamp.seconds) return seconds > this.timestamp.seconds;
    return this.#field(position, FIELD.mtimeNanoseconds) >= this.timestamp.nanoseconds;
  }

  #field(position: number, field: number): number {
    return this.#columns.fields[position * FIELDS + field] ?? 0;
  }

  #isSameVersion(path: RepoPath, change: IndexUpdate | undefined): boolean {
    const position = this.find(path);
    if (position < 0 || change === undefined) return position < 0 && change === undefined;
    if (this.isIntentToAdd(position)) return false;
    return this.modeAt(position) === change.mode && this.oidAt(position) === change.oid;
  }

  #clashes(path: RepoPath): boolean {
    if (this.hasDirectory(path)) return true;
    for (let above = parentPath(path); above !== ""; above = parentPath(above)) {
      if (this.find(above) >= 0) return true;
    }
    return false;
  }

  #rememberTreesBefore(touched: readonly RepoPath[]): void {
    for (const path of touched) {
      this.#touched.add(path);
      for (let above = path; above !== "";) {
        above = parentPath(above);
        const oid = this.#treesBefore.has(above) ? undefined : this.cachedTree(above);
        if (oid !== undefined) this.#treesBefore.set(above, oid);
      }
    }
  }

  #forgetTreesAbove(path: RepoPath): void {
    // A file that takes a folder's place ends the folder's own tree too.
    this.#trees.delete(path);
    for (let above = path; above !== "";) {
      above = parentPath(above);
      this.#trees.delete(above);
    }
  }
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
