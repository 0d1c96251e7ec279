/**
 * Files that one side put into a folder which the other side moved as a whole: they shall follow the folder. As in
 * git, the move is where most of the folder's renamed files went, and what would collide stays where it is.
 */
import type { RepoPath } from "../model.ts";
import { parentPath } from "../paths.ts";
import { moveInto } from "./folder-moves.ts";
import { OURS, otherSide, type Side, SIDES, THEIRS } from "./merge-entry.ts";
import type { FoundRenames } from "./renames.ts";

/** A file that one side added or renamed; `from` is undefined for an added one. */
export type ArrivedFile = { readonly side: Side; readonly from: RepoPath | undefined; readonly to: RepoPath };

export type FolderRenameInput = {
  readonly found: Readonly<Record<Side, FoundRenames>>;
  /** In the order in which the trees were read. */
  readonly arrived: readonly ArrivedFile[];
  /** Whether a side has something at a path, or the merge is done with it. Asked after each move is made. */
  readonly isInWay: (path: RepoPath, side: Side) => boolean;
  /** Told of each move, before the next file is looked at. */
  readonly move: (file: ArrivedFile, target: RepoPath) => void;
};

/** Moves files to where their folder went. */
export function followFolders({ found, arrived, isInWay, move }: FolderRenameInput): void {
  const moved = movedFolders(found);
  const collisions = { [OURS]: collisionsOf(OURS), [THEIRS]: collisionsOf(THEIRS) };
  for (const file of arrived) {
    const target = targetOf(file);
    if (target !== undefined) move(file, target);
  }

  /** New path → how many files of this side the other side's folder moves would put there. */
  function collisionsOf(side: Side): Map<RepoPath, { files: number; isBlocked: boolean }> {
    const collisions = new Map<RepoPath, { files: number; isBlocked: boolean }>();
    for (const file of arrived) {
      if (file.side !== side) continue;
      const folder = movedFolderAround(file.to, moved[otherSide(side)]);
      if (folder === undefined) continue;
      const target = moveInto(file.to, folder.from, folder.to);
      const known = collisions.get(target);
      if (known === undefined) collisions.set(target, { files: 1, isBlocked: false });
      else known.files++;
    }
    return collisions;
  }

  function targetOf({ side, to }: ArrivedFile): RepoPath | undefined {
    const other = otherSide(side);
    if (moved[other].size === 0 || collisions[other].has(to)) return undefined;
    const folder = movedFolderAround(to, moved[other]);
    // A folder that this side moved on: the file would go in circles.
    if (folder === undefined || moved[side].has(folder.to)) return undefined;
    const target = moveInto(to, folder.from, folder.to);
    const collision = collisions[side].get(target);
    if (collision === undefined || collision.isBlocked) return undefined;
    if (isInWay(target, side) || collision.files > 1) {
      collision.isBlocked = true;
      return undefined;
    }
    return target;
  }
}

type FolderMap = ReadonlyMap<RepoPath, RepoPath>;

/** Folders that only one side moved, each with its one new place. */
function movedFolders(found: FolderRenameInput["found"]): Readonly<Record<Side, FolderMap>> {
  const [ours = new Map(), theirs = new Map()] = SIDES.map((side) => {
    const moved = new Map<RepoPath, RepoPath>();
    for (const [folder, targets] of found[side].folders) {
      const [first, second] = [...targets].sort(([, a], [, b]) => b - a);
      if (first !== undefined && first[1] > (second?.[1] ?? 0)) moved.set(folder, first[0]);
    }
    return moved;
  });
  for (const folder of ours.keys()) {
    if (!theirs.has(folder)) continue;
    ours.delete(folder);
    theirs.delete(folder);
  }
  return { [OURS]: ours, [THEIRS]: theirs };
}

function movedFolderAround(
  path: RepoPath,
  moved: FolderMap,
): { readonly from: RepoPath; readonly to: RepoPath } | undefined {
  if (moved.size === 0) return undefined;
  for (let folder = parentPath(path); folder !== ""; folder = parentPath(folder)) {
    const to = moved.get(folder);
    if (to !== undefined) return { from: folder, to };
  }
  return undefined;
}
