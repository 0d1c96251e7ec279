import { compareTrees } from "../history/compare-trees.ts";
import type { FileDifference } from "../git.ts";
import type { FileVersion, ObjectBatch, Oid, RepoPath } from "../model.ts";
import { type FileMergeOptions, isRegular, mergeFile, sameVersion } from "./merge-file.ts";
import { findRenames } from "./renames.ts";

/** What the three sides have at one path, once renamed files were brought to their new path. */
export type Slot = {
  base: FileVersion | undefined;
  ours: FileVersion | undefined;
  theirs: FileVersion | undefined;
  /** What our tree really holds at this path. */
  readonly standing: FileVersion | undefined;
  /** One side renamed the file to this path and the other removed it. */
  renamedAndRemoved: boolean;
};

/** Both sides renamed one file, to different paths; each path has a slot of its own. */
export type DoubleRename = FileTripleOfRename & { readonly ourPath: RepoPath; readonly theirPath: RepoPath };
type FileTripleOfRename = {
  readonly base: FileVersion;
  readonly ours: FileVersion;
  readonly theirs: FileVersion;
};

export type Slots = {
  /** In byte order of the paths. Paths that neither side changed have no slot. */
  readonly byPath: ReadonlyMap<RepoPath, Slot>;
  readonly doubleRenames: readonly DoubleRename[];
};

export type SlotsInput = {
  readonly batch: ObjectBatch;
  readonly base: Oid;
  readonly ours: Oid;
  readonly theirs: Oid;
  readonly mergeOptions: (path: RepoPath) => FileMergeOptions;
  readonly signal?: AbortSignal | undefined;
};

type Side = "ours" | "theirs";
const OTHER = { ours: "theirs", theirs: "ours" } as const satisfies Record<Side, Side>;

/** Collects what both sides changed against the base and follows their renames. */
export function collectSlots(input: SlotsInput): Slots {
  const { batch, base, signal } = input;
  const changes = {
    ours: byPath(compareTrees(batch, base, input.ours, signal)),
    theirs: byPath(compareTrees(batch, base, input.theirs, signal)),
  };
  const slots = new Map<RepoPath, Slot>();
  const paths = [...new Set([...changes.ours.keys(), ...changes.theirs.keys()])].sort(compareBytes);
  for (const path of paths) {
    const [our, their] = [changes.ours.get(path), changes.theirs.get(path)];
    const before = our === undefined ? their?.before : our.before;
    const ours = our === undefined ? before : our.after;
    const theirs = their === undefined ? before : their.after;
    slots.set(path, { base: before, ours, theirs, standing: ours, renamedAndRemoved: false });
  }
  const renamesOf = (side: Side): ReadonlyMap<RepoPath, RepoPath> =>
    findRenames({
      reader: batch,
      differences: changes[side].values(),
      matters: (path) => changes[OTHER[side]].has(path),
      signal,
    });
  const follower = new RenameFollower(slots, { ours: renamesOf("ours"), theirs: renamesOf("theirs") }, input);
  follower.follow("ours");
  follower.follow("theirs");
  return { byPath: slots, doubleRenames: follower.doubleRenames };
}

/** Paths are bytes, and comparing them so is comparing bytes. */
function compareBytes(a: RepoPath, b: RepoPath): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function byPath(differences: readonly FileDifference[]): ReadonlyMap<RepoPath, FileDifference> {
  return new Map(differences.map((difference) => [difference.path, difference]));
}

/** Moves what the other side did to a renamed file to where the file is now. */
class RenameFollower {
  readonly doubleRenames: DoubleRename[] = [];
  readonly #slots: ReadonlyMap<RepoPath, Slot>;
  readonly #renames: Readonly<Record<Side, ReadonlyMap<RepoPath, RepoPath>>>;
  readonly #input: SlotsInput;

  constructor(
    slots: ReadonlyMap<RepoPath, Slot>,
    renames: Readonly<Record<Side, ReadonlyMap<RepoPath, RepoPath>>>,
    input: SlotsInput,
  ) {
    this.#slots = slots;
    this.#renames = renames;
    this.#input = input;
  }

  follow(side: Side): void {
    for (const [from, to] of this.#renames[side]) {
      const [source, target] = [this.#slots.get(from), this.#slots.get(to)];
      if (source?.base === undefined || target === undefined) continue;
      const otherTarget = this.#renames[OTHER[side]].get(from);
      if (otherTarget === undefined) this.#followOne(side, { source, target, to });
      else if (otherTarget === to) target.base = source.base;
      else if (side === "ours") this.#noteDouble(source.base, to, otherTarget);
    }
  }

  #noteDouble(base: FileVersion, ourPath: RepoPath, theirPath: RepoPath): void {
    const [ours, theirs] = [this.#slots.get(ourPath)?.ours, this.#slots.get(theirPath)?.theirs];
    if (ours !== undefined && theirs !== undefined)
      this.doubleRenames.push({ ourPath, theirPath, base, ours, theirs });
  }

  #followOne(side: Side, { source, target, to }: { source: Slot; target: Slot; to: RepoPath }): void {
    const other = OTHER[side];
    // Both sides have the same file at the new path already, so the edit of the old file must not be merged into it.
    if (target[other] !== undefined && sameVersion(target.ours, target.theirs)) return;
    const sourceBase = source.base;
    const edited = source[other];
    if (edited === undefined || isRegular(edited) !== isRegular(sourceBase)) {
      // Renamed here, removed there; something of another type at the old path is a new file rather than an edit.
      source.base = undefined;
      // If the other side put something else at the new path, that collision is the conflict.
      if (target[other] !== undefined) return;
      target.base = sourceBase;
      target.renamedAndRemoved = true;
    } else if (target[other] === undefined) {
      target.base = sourceBase;
      target[other] = edited;
      source.base = source[other] = undefined;
    } else {
      this.#mergeBeforeCollision(side, { source, target, to });
    }
  }

  /**
   * The other side edited the file under its old name and has a file of its own at the new one: the edit goes into
   * the renamed file, then the two files meet. If the edit does not merge, the rename is not followed: both paths
   * conflict, with every content in reach.
   */
  #mergeBeforeCollision(
    side: Side,
    { source, target, to }: { source: Slot; target: Slot; to: RepoPath },
  ): void {
    const other = OTHER[side];
    const triple = { base: source.base, [side]: target[side], [other]: source[other] } as {
      base: FileVersion | undefined;
      ours: FileVersion | undefined;
      theirs: FileVersion | undefined;
    };
    const merged = mergeFile(triple, this.#input.mergeOptions(to));
    if (merged.kind === "conflict") return;
    target[side] = merged.version;
    source.base = source[other] = undefined;
  }
}
