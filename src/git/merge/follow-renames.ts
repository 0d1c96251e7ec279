/** Brings what the other side did to a renamed file to where the file is now. */
import type { FileVersion, ObjectReader, Oid, RepoPath } from "../model.ts";
import { entryAt } from "../objects/entry-at.ts";
import type { Collected } from "./collect-entries.ts";
import { type ArrivedFile, followFolders } from "./folder-renames.ts";
import {
  BASE,
  bitOf,
  filesOf,
  type MergeEntries,
  type MergeEntry,
  newEntry,
  OURS,
  otherSide,
  type Side,
  SIDES,
  THEIRS,
  type Triple,
} from "./merge-entry.ts";
import { type FileMerge, isRegular } from "./merge-file.ts";
import { findRenames } from "./renames.ts";

export type RenameFollowInput = Collected & {
  readonly reader: ObjectReader;
  readonly trees: Readonly<Triple<Oid>>;
  /**
   * The merge is only the base of another one: as in git, folders' moves do not count, and content with conflict
   * markers may stand for a merge. In a real merge both names of a file that was renamed twice keep their side's content.
   */
  readonly isVirtual: boolean;
  readonly mergeContent: (stages: Triple<FileVersion | undefined>, names: Triple<RepoPath>) => FileMerge;
  readonly signal?: AbortSignal | undefined;
};

/** Both sides renamed one file, to different paths. */
export type DoubleRename = {
  readonly from: RepoPath;
  readonly ourPath: RepoPath;
  readonly theirPath: RepoPath;
  readonly base: FileVersion;
  readonly ours: FileVersion;
  readonly theirs: FileVersion;
};

export type FollowedRenames = {
  readonly doubleRenames: readonly DoubleRename[];
  /** Paths of files that went with their folder. */
  readonly vacated: readonly RepoPath[];
};

export function followRenames(input: RenameFollowInput): FollowedRenames {
  const found = {
    [OURS]: findRenames({ ...input, changes: input.changes[OURS] }),
    [THEIRS]: findRenames({ ...input, changes: input.changes[THEIRS] }),
  };
  const arrived = SIDES.flatMap((side) =>
    input.changes[side].added.map(({ path }): ArrivedFile => ({
      side,
      from: found[side].sources.get(path),
      to: path,
    })),
  );
  const follower = new Follower(input);
  const targets = new Map<ArrivedFile, RepoPath>();
  if (!input.isVirtual) {
    followFolders({
      found,
      arrived,
      isInWay: (path, side) => follower.isInWay(path, side),
      move: (file, target) => {
        follower.moveWithFolder(file, target);
        targets.set(file, target);
      },
    });
  }
  const renames = arrived.flatMap((file): Rename[] =>
    file.from === undefined ? [] : [{ side: file.side, from: file.from, to: targets.get(file) ?? file.to }],
  );
  // Stable: of one file's two renames, ours comes first.
  renames.sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : 0));
  follower.followAll(renames);
  return follower;
}

type Rename = { readonly side: Side; readonly from: RepoPath; readonly to: RepoPath };

class Follower implements FollowedRenames {
  readonly doubleRenames: DoubleRename[] = [];
  readonly vacated: RepoPath[] = [];
  readonly #input: RenameFollowInput;
  readonly #entries: MergeEntries;

  constructor(input: RenameFollowInput) {
    this.#input = input;
    this.#entries = input.entries;
  }

  isInWay(path: RepoPath, side: Side): boolean {
    const entry = this.#entries.get(path);
    if (entry !== undefined)
      return entry.settled !== undefined || ((filesOf(entry) | entry.folders) & bitOf(side)) !== 0;
    // What is alike in all trees has no entry.
    return this.#input.trees.every((tree) => entryAt(this.#input.reader, tree, path) !== undefined);
  }

  moveWithFolder({ side, to }: ArrivedFile, target: RepoPath): void {
    const entry = this.#entries.get(to);
    const version = entry?.stages[side];
    if (entry === undefined || version === undefined) return;
    if (entry.standing !== undefined) this.vacated.push(to);
    if (entry.folders === 0) {
      this.#entries.delete(to);
    } else {
      // The base has a folder here, which is settled by what is in it.
      entry.stages[side] = undefined;
      entry.settled = { version: undefined };
    }
    let moved = this.#entries.get(target);
    if (moved === undefined) {
      this.#entries.set(target, (moved = newEntry(target, [undefined, undefined, undefined])));
    }
    moved.stages[side] = version;
    moved.names[side] = entry.names[side];
    moved.pathConflict = "folder renamed";
  }

  followAll(renames: readonly Rename[]): void {
    for (let index = 0; index < renames.length; index++) {
      const [rename, next] = [renames[index], renames[index + 1]];
      if (rename === undefined) continue;
      const source = this.#entries.get(rename.from);
      if (source === undefined || source.settled !== undefined) continue;
      if (next?.from === rename.from) {
        this.#followDouble(source, rename, next.to);
        index++;
      } else {
        this.#followOne(source, rename);
      }
    }
  }

  #followDouble(source: MergeEntry, { from, to: ourPath }: Rename, theirPath: RepoPath): void {
    const [ourEntry, theirEntry] = [this.#entries.get(ourPath), this.#entries.get(theirPath)];
    if (ourEntry === undefined || theirEntry === undefined) return;
    if (ourPath === theirPath) {
      ourEntry.stages[BASE] = source.stages[BASE];
      source.settled = { version: undefined };
      return;
    }
    const [base, ours, theirs] = [source.stages[BASE], ourEntry.stages[OURS], theirEntry.stages[THEIRS]];
    if (base === undefined || ours === undefined || theirs === undefined) return;
    if (this.#input.isVirtual) {
      const merged = this.#merged([base, ours, theirs], [from, ourPath, theirPath]);
      ourEntry.stages[OURS] = merged;
      theirEntry.stages[THEIRS] = merged;
    }
    for (const entry of [source, ourEntry, theirEntry]) entry.pathConflict = "renamed twice";
    this.doubleRenames.push({ from, ourPath, theirPath, base, ours, theirs });
  }

  #followOne(source: MergeEntry, { side, from, to }: Rename): void {
    const target = this.#entries.get(to);
    const other = otherSide(side);
    if (target === undefined) return;
    const edited = source.stages[other];
    const isTypeChanged = edited !== undefined && isRegular(edited) !== isRegular(target.stages[side]);
    const isCollision = target.stages[other] !== undefined && !isTypeChanged;
    if (isCollision && edited !== undefined) {
      this.#mergeBeforeCollision(source, target, { side, from, to });
      return;
    }
    if (isCollision) {
      target.pathConflict = "renamed and removed";
    } else {
      target.stages[BASE] = source.stages[BASE];
      target.names[BASE] = from;
      if (isTypeChanged) {
        // What stands at the old path now is another file; only the old one went.
        source.stages[BASE] = undefined;
        return;
      }
      if (edited === undefined) {
        target.pathConflict = "renamed and removed";
      } else {
        target.stages[other] = edited;
        target.names[other] = from;
      }
    }
    source.settled = { version: undefined };
  }

  /**
   * The other side edited the file under its old name and has a file of its own at the new one: the edit goes into
   * the renamed file, then the two files meet there. If the edit does not merge, the rename is not followed: both paths
   * conflict, with every content in reach, where git leaves nested conflict markers at the new path.
   */
  #mergeBeforeCollision(source: MergeEntry, target: MergeEntry, { side, from, to }: Rename): void {
    const other = otherSide(side);
    const stages: Triple<FileVersion | undefined> = [source.stages[BASE], undefined, undefined];
    stages[side] = target.stages[side];
    stages[other] = source.stages[other];
    const names: Triple<RepoPath> = [from, from, from];
    names[side] = to;
    const merged = this.#merged(stages, names);
    if (merged === undefined) return;
    source.settled = { version: undefined };
    target.stages[side] = merged;
    // Both sides had the same file at the new path; the edit must not get lost behind their agreement.
    if (target.equal === 6) target.settled = { version: merged };
  }

  /** The merged version; undefined when it conflicts and nothing may stand for it. */
  #merged(stages: Triple<FileVersion | undefined>, names: Triple<RepoPath>): FileVersion | undefined {
    const merge = this.#input.mergeContent(stages, names);
    if (merge.kind === "clean") return merge.version;
    return this.#input.isVirtual ? merge.virtualBase() : undefined;
  }
}
