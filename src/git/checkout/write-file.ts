/** Makes one new file in a temporary place, so that a rename puts it where it belongs once its bytes are on disk. */
import { chmodSync, closeSync, fchmodSync, openSync, readdirSync, rmSync, symlinkSync } from "node:fs";

import { writeFully } from "../../base/atomic-file.ts";
import type { FileVersion, RepoPath } from "../model.ts";
import { MODE } from "../model.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { joinPath, parentPath, toFsPath } from "../paths.ts";
import type { Conversion } from "../worktree/conversion.ts";
import type { FolderStats } from "../worktree/folder-look.ts";
import type { StatData } from "../worktree/index-model.ts";
import type { FileStat } from "../worktree/stat.ts";
import { fileStat, statHandle, statPath } from "../worktree/stat.ts";
import { isTemporaryName, newTemporaryName } from "../worktree/temporary-names.ts";
import type { Durability } from "./durability.ts";
import { LARGEST_ORDERED } from "./file-orders.ts";
import { FolderStates } from "./folder-states.ts";
import type { GuardedRename } from "./put-in-place.ts";
import { putInPlace, takeAway } from "./put-in-place.ts";
import type { OrderedFile, WritingLane } from "./writing-lane.ts";

export type FileWriter = {
  /**
   * Writes the new version to a temporary file on the target's own file system; the target's folder need not be there
   * yet. Synced already, or with the next `Durability.syncWritten`, which must come before `place`. After many calls the
   * last ones are to be completed first: another thread makes the first ones.
   * @param present the file that it will replace; undefined for none
   * @throws the system's error
   */
  prepare(path: RepoPath, version: FileVersion, present: FileStat | undefined): PreparedFile;
  /**
   * Takes a file or link away.
   * @param present as it was looked at a moment ago
   * @returns false when something else had come to its place by then, and stands there still
   * @throws the system's error
   */
  remove(path: RepoPath, present: FileStat): boolean;
};

export type PreparedFile = {
  /** In bytes; at most that where another thread makes it. */
  readonly size: number;
  /**
   * To be called before the next `Durability.syncWritten`: another thread may be at it, or not come to it.
   * @throws the system's error
   */
  complete(): void;
  /**
   * Puts it in place.
   * @param present the file or link that it replaces, as it was looked at a moment ago
   */
  place(present: FileStat | undefined): Placed;
  /** Removes the temporary file. Safe to call after `place`. */
  discard(): void;
};

/** `changed`: something else had come to its place by then, and stands there still. */
export type Placed =
  | { readonly kind: "changed" }
  /** With stat data that vouches for the file; undefined when it may have changed already. */
  | { readonly kind: "placed"; readonly stat: StatData | undefined };

export type FileWriterInput = {
  readonly root: string;
  /** `<gitdir>/lull/tmp`, which exists. */
  readonly temporaryDirectory: string;
  readonly store: Pick<ObjectStore, "read" | "open" | "recent">;
  /** By the attributes of the tree that is checked out. */
  readonly conversion: Conversion;
  readonly symlinks: boolean;
  readonly durability: Durability;
  /** A faster way to look; left out, or without an answer: that of `stat.ts`. */
  readonly stats?: FileStats | undefined;
  /** Left out: what comes to a place between the last look and the rename is overwritten. */
  readonly rename?: GuardedRename | undefined;
  /** A second thread for what is plain and small. */
  readonly lane?: WritingLane | undefined;
  /** Called between the pieces of a large file, in bytes; what it throws ends the writing. */
  readonly onPiece?: ((done: number, total: number) => void) | undefined;
};

/** See `FolderStats`. */
export type FileStats = Pick<FolderStats, "answer" | "lookBelow" | "lookAtHandle">;

/** Larger blobs are copied in pieces instead of being held in memory. */
const HUGE = 8 * 1024 * 1024;

export function createFileWriter(input: FileWriterInput): FileWriter {
  const { root, temporaryDirectory } = input;
  // Asked once for each folder: should it lie elsewhere by then, the rename fails and the path is blocked.
  const folders = new FolderStates(root);
  const device = folders.deviceOf(temporaryDirectory);
  const newTemporary = (path: RepoPath) => {
    const folder = parentPath(path);
    const isHere = folders.at(folder).device === device;
    const temporary = isHere
      ? `${temporaryDirectory}/${newTemporaryName()}`
      : toFsPath(root, joinPath(new FolderStates(root).at(folder).nearest, newTemporaryName()));
    return { isHere, temporary };
  };
  return {
    remove: (path, expected) =>
      takeAway({
        rename: input.rename,
        temporary: newTemporary(path).temporary,
        target: toFsPath(root, path),
        expected,
      }),
    prepare(path, version, present) {
      const { isHere, temporary } = newTemporary(path);
      const isLink = version.mode === MODE.symlink && input.symlinks;
      const file: NewFile = {
        temporary,
        target: toFsPath(root, path),
        path,
        version,
        isSyncedLater: isHere && input.durability.isDeferring,
        kept: isLink ? undefined : keptMode(present, version),
      };
      const ordered = isLink ? undefined : orderFile(input, file);
      if (ordered !== undefined) return orderedFile(input, file, ordered);
      try {
        return preparedFile(input, file, isLink ? makeLink(input, file) : makeFile(input, file));
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
    },
  };
}

/** Removes temporary files that a killed process left. Only for the holder of the index lock. */
export function sweepTemporaryFiles(temporaryDirectory: string): void {
  for (const name of readdirSync(temporaryDirectory)) {
    if (isTemporaryName(name)) rmSync(`${temporaryDirectory}/${name}`, { force: true });
  }
}

type NewFile = {
  readonly temporary: string | Buffer;
  readonly target: string | Buffer;
  readonly path: RepoPath;
  readonly version: FileVersion;
  readonly isSyncedLater: boolean;
  /** Permission bits taken over from the file that is to be replaced. */
  readonly kept: number | undefined;
};

/** What was written: for a later look at whether it is still that. */
type Written = { readonly isLink: boolean; readonly size: number; readonly stat: StatData | undefined };

function preparedFile({ stats, rename }: FileWriterInput, file: NewFile, written: Written): PreparedFile {
  const { temporary, target, path, version } = file;
  let placed = false;
  return {
    size: written.size,
    complete() {},
    place(present) {
      // The user may have made the file private since the temporary one was made.
      const kept = written.isLink ? undefined : keptMode(present, version);
      if (kept !== undefined && kept !== file.kept) chmodSync(temporary, kept);
      if (!putInPlace({ rename, temporary, target, expected: present })) return { kind: "changed" };
      placed = true;
      const after = stats?.lookBelow(path) === true ? fileStat(stats.answer) : statPath(target);
      if (written.stat === undefined || after === undefined || !isSameFile(written.stat, after.data))
        return { kind: "placed", stat: undefined };
      return { kind: "placed", stat: isOlderThanRename(after.data) ? after.data : undefined };
    },
    discard() {
      if (!placed) rmSync(temporary, { force: true });
    },
  };
}

/** Has the other thread make what is new, plain, and synced with all others. */
function orderFile({ lane, store, conversion }: FileWriterInput, file: NewFile): OrderedFile | undefined {
  const { path, version } = file;
  if (lane === undefined || !file.isSyncedLater || file.kept !== undefined) return undefined;
  if (version.mode !== MODE.symlink && conversion.rule(path).kind !== "none") return undefined;
  return lane.order(version.oid, freshMode(version), store.recent?.placeOf(version.oid));
}

function orderedFile(input: FileWriterInput, file: NewFile, ordered: OrderedFile): PreparedFile {
  let made: PreparedFile | undefined;
  const complete = (): PreparedFile => {
    if (made !== undefined) return made;
    const { stat, isFree } = ordered.result();
    const temporary =
      stat !== undefined || isFree ? ordered.temporary : `${input.temporaryDirectory}/${newTemporaryName()}`;
    const named = { ...file, temporary };
    if (stat !== undefined) {
      made = preparedFile(input, named, { isLink: false, size: stat.size, stat: stat.data });
      return made;
    }
    try {
      made = preparedFile(input, named, makeFile(input, named));
      return made;
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  };
  return {
    size: LARGEST_ORDERED,
    complete: () => void complete(),
    place: (present) => complete().place(present),
    discard() {
      if (made !== undefined) made.discard();
      else if (!ordered.result().isFree) rmSync(ordered.temporary, { force: true });
    },
  };
}

function freshMode(version: FileVersion): number {
  return version.mode === MODE.executable ? 0o777 : 0o666;
}

function makeFile(input: FileWriterInput, file: NewFile): Written {
  const { temporary, version, kept } = file;
  const fresh = freshMode(version);
  // Never more open than what it will be, not even for a moment.
  const handle = openSync(temporary, "wx", kept ?? fresh);
  try {
    if (kept !== undefined) fchmodSync(handle, kept);
    const size = writeContent(input, handle, file);
    if (!file.isSyncedLater) input.durability.syncFile(handle);
    return { isLink: false, size, stat: statOf(input, handle).data };
  } finally {
    closeSync(handle);
  }
}

function statOf({ stats }: FileWriterInput, handle: number): FileStat {
  return stats?.lookAtHandle(handle) === true ? fileStat(stats.answer) : statHandle(handle);
}

/** Returns the size in bytes. */
function writeContent(input: FileWriterInput, handle: number, { path, version }: NewFile): number {
  const isTakenAsIs = version.mode === MODE.symlink || input.conversion.rule(path).kind === "none";
  const wholeUpTo = isTakenAsIs ? HUGE : Number.POSITIVE_INFINITY;
  const blob = input.store.open(version.oid, { wholeUpTo, allocate: reusedRoom });
  if (blob.bytes !== undefined) {
    const written = isTakenAsIs ? blob.bytes : input.conversion.toWorkTree(blob.bytes, path);
    writeFully(handle, written);
    return written.length;
  }
  let done = 0;
  for (const piece of blob.chunks) {
    writeFully(handle, piece);
    done += piece.length;
    input.onPiece?.(done, blob.size);
  }
  return done;
}

/** Of 50,000 files that are written one after the other, each has its bytes for a moment only. */
function reusedRoom(size: number): Buffer {
  if (size > MOST_REUSED) return Buffer.allocUnsafeSlow(size);
  room ??= Buffer.allocUnsafeSlow(MOST_REUSED);
  return room.subarray(0, size);
}

const MOST_REUSED = 256 * 1024;
/** Nobody else comes in between, because nothing here waits. */
let room: Buffer | undefined;

function makeLink(input: FileWriterInput, { temporary, version }: NewFile): Written {
  const target = Buffer.from(input.store.read(version.oid).bytes);
  symlinkSync(target, temporary);
  return { isLink: true, size: target.length, stat: statPath(temporary)?.data };
}

/**
 * Permission bits for what replaces a regular file. Who may read and write stays the user's choice (0600 stays 0600);
 * whether it can be run is the tree's. Undefined where there is nothing to replace.
 */
function keptMode(present: FileStat | undefined, version: FileVersion): number | undefined {
  if (present?.kind !== "file") return undefined;
  const readWrite = present.mode & 0o666;
  if (version.mode !== MODE.executable) return readWrite;
  // Whoever may read it; their number was the umask's choice when the file was made.
  return readWrite | 0o100 | ((readWrite >> 2) & 0o111);
}

function isSameFile(a: StatData, b: StatData): boolean {
  const sameTime = a.mtimeSeconds === b.mtimeSeconds && a.mtimeNanoseconds === b.mtimeNanoseconds;
  return sameTime && a.inode === b.inode && a.size === b.size;
}

/**
 * An edit in the same tick of the file system's clock as our own write would look the same. The rename's own time is
 * the proof that the tick is over.
 */
function isOlderThanRename({
  mtimeSeconds,
  mtimeNanoseconds,
  ctimeSeconds,
  ctimeNanoseconds,
}: StatData): boolean {
  return (
    mtimeSeconds < ctimeSeconds || (mtimeSeconds === ctimeSeconds && mtimeNanoseconds < ctimeNanoseconds)
  );
}
