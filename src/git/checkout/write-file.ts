/** Makes one new file in a temporary place, whole and synced, so that a rename puts it where it belongs. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  lstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";

import { writeFully } from "../../base/atomic-file.ts";
import { systemCode } from "../../base/errors.ts";
import type { FileVersion, RepoPath } from "../model.ts";
import { MODE } from "../model.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { parentPath, toFsPath } from "../paths.ts";
import type { Conversion } from "../worktree/conversion.ts";
import type { StatData } from "../worktree/index-model.ts";
import { statPath } from "../worktree/stat.ts";

export type FileWriter = {
  /**
   * Writes the new version to a temporary file on the target's own file system.
   * @throws the system's error
   */
  prepare(path: RepoPath, version: FileVersion): PreparedFile;
};

export type PreparedFile = {
  /** Puts it in place. @returns stat data that vouches for the file, or undefined when it may have changed already */
  place(): StatData | undefined;
  /** Removes the temporary file. Safe to call after `place`. */
  discard(): void;
};

export type FileWriterInput = {
  readonly root: string;
  /** `<gitdir>/lull/tmp`, which exists. */
  readonly temporaryDirectory: string;
  readonly store: Pick<ObjectStore, "read" | "header" | "copyBlobTo">;
  /** By the attributes of the tree that is checked out. */
  readonly conversion: Conversion;
  readonly symlinks: boolean;
};

/** Scans leave out names that start so; they stand in the work tree only where `.git` is on another file system. */
export const TEMPORARY_PREFIX = ".lull-tmp-";

/** Larger blobs are copied in pieces instead of being held in memory. */
const HUGE = 8 * 1024 * 1024;

let counter = 0;

export function createFileWriter(input: FileWriterInput): FileWriter {
  const device = statPath(input.temporaryDirectory)?.data.device;
  return {
    prepare(path, version) {
      const target = toFsPath(input.root, path);
      const isSameDevice = statPath(toFsPath(input.root, parentPath(path)))?.data.device === device;
      const name = `${TEMPORARY_PREFIX}${process.pid}-${++counter}`;
      const folder = parentPath(path);
      const temporary = isSameDevice
        ? `${input.temporaryDirectory}/${name}`
        : toFsPath(input.root, folder === "" ? name : `${folder}/${name}`);
      const isLink = version.mode === MODE.symlink && input.symlinks;
      const file: NewFile = {
        temporary,
        target,
        path,
        version,
        kept: isLink ? undefined : keptMode(target, version),
      };
      try {
        if (isLink) makeLink(input, file);
        else makeFile(input, file);
      } catch (error) {
        rmSync(temporary, { force: true });
        throw error;
      }
      return preparedFile(file, isLink);
    },
  };
}

/** Removes temporary files that a killed process left. Only for the holder of the index lock. */
export function sweepTemporaryFiles(temporaryDirectory: string): void {
  for (const name of readdirSync(temporaryDirectory)) {
    if (name.startsWith(TEMPORARY_PREFIX)) rmSync(`${temporaryDirectory}/${name}`, { force: true });
  }
}

type NewFile = {
  readonly temporary: string | Buffer;
  readonly target: string | Buffer;
  readonly path: RepoPath;
  readonly version: FileVersion;
  /** Permission bits taken over from the file that is to be replaced. */
  readonly kept: number | undefined;
};

function preparedFile(file: NewFile, isLink: boolean): PreparedFile {
  const { temporary, target, version } = file;
  let placed = false;
  return {
    place() {
      // The user may have made the file private since the temporary one was made.
      const kept = isLink ? undefined : keptMode(target, version);
      if (kept !== undefined && kept !== file.kept) chmodSync(temporary, kept);
      const before = statPath(temporary);
      renameSync(temporary, target);
      placed = true;
      const after = statPath(target);
      if (before === undefined || after === undefined || !isSameFile(before.data, after.data))
        return undefined;
      return isOlderThanRename(after.data) ? after.data : undefined;
    },
    discard() {
      if (!placed) rmSync(temporary, { force: true });
    },
  };
}

function makeFile(input: FileWriterInput, { temporary, path, version, kept }: NewFile): void {
  const fresh = version.mode === MODE.executable ? 0o777 : 0o666;
  // Never more open than what it will be, not even for a moment.
  const handle = openSync(temporary, "wx", kept ?? fresh);
  try {
    if (kept !== undefined) fchmodSync(handle, kept);
    const isTakenAsIs = version.mode === MODE.symlink || input.conversion.rule(path).kind === "none";
    if (isTakenAsIs && input.store.header(version.oid).size > HUGE)
      input.store.copyBlobTo(version.oid, handle);
    else {
      const { bytes } = input.store.read(version.oid);
      writeFully(handle, isTakenAsIs ? bytes : input.conversion.toWorkTree(bytes, path));
    }
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function makeLink(input: FileWriterInput, { temporary, version }: NewFile): void {
  symlinkSync(Buffer.from(input.store.read(version.oid).bytes), temporary);
}

/**
 * Permission bits for what replaces a regular file. Who may read and write stays the user's choice (0600 stays 0600);
 * whether it can be run is the tree's. Undefined where there is nothing to replace.
 */
function keptMode(target: string | Buffer, version: FileVersion): number | undefined {
  const present = presentMode(target);
  if (present === undefined) return undefined;
  const readWrite = present & 0o666;
  if (version.mode !== MODE.executable) return readWrite;
  // Whoever may read it; their number was the umask's choice when the file was made.
  return readWrite | 0o100 | ((readWrite >> 2) & 0o111);
}

function presentMode(target: string | Buffer): number | undefined {
  try {
    const stat = lstatSync(target);
    return stat.isFile() ? stat.mode & 0o777 : undefined;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw error;
  }
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
