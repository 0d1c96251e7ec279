/** Makes one new file in a temporary place, so that a rename puts it where it belongs once its bytes are on disk. */
import {
  chmodSync,
  closeSync,
  fchmodSync,
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
import { joinPath, toFsPath } from "../paths.ts";
import type { Conversion } from "../worktree/conversion.ts";
import type { StatData } from "../worktree/index-model.ts";
import { statPath } from "../worktree/stat.ts";
import { isTemporaryName, newTemporaryName } from "../worktree/temporary-names.ts";
import type { Durability } from "./durability.ts";
import { realFoldersAbove } from "./present-file.ts";

export type FileWriter = {
  /**
   * Writes the new version to a temporary file on the target's own file system; the target's folder need not be there
   * yet. Synced already, or with the next `Durability.syncWritten`, which must come before `place`.
   * @throws the system's error
   */
  prepare(path: RepoPath, version: FileVersion): PreparedFile;
};

export type PreparedFile = {
  /** In bytes. */
  readonly size: number;
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
  readonly durability: Durability;
};

/** Larger blobs are copied in pieces instead of being held in memory. */
const HUGE = 8 * 1024 * 1024;

export function createFileWriter(input: FileWriterInput): FileWriter {
  const device = statPath(input.temporaryDirectory)?.data.device;
  return {
    prepare(path, version) {
      const target = toFsPath(input.root, path);
      const folder = nearestFolder(input.root, path);
      const name = newTemporaryName();
      const temporary =
        folder.device === device
          ? `${input.temporaryDirectory}/${name}`
          : toFsPath(input.root, joinPath(folder.path, name));
      const isLink = version.mode === MODE.symlink && input.symlinks;
      const file: NewFile = {
        temporary,
        target,
        path,
        version,
        isSyncedLater: input.durability.defers(folder.device),
        kept: isLink ? undefined : keptMode(target, version),
      };
      try {
        const size = isLink ? makeLink(input, file) : makeFile(input, file);
        return preparedFile(file, { isLink, size });
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

/** The last folder above a path that is there already: what is below it will be made on its file system. */
function nearestFolder(
  root: string,
  path: RepoPath,
): { readonly path: RepoPath; readonly device: number | undefined } {
  const folder = [...realFoldersAbove(root, path)].at(-1) ?? "";
  return { path: folder, device: statPath(toFsPath(root, folder))?.data.device };
}

function preparedFile(
  file: NewFile,
  { isLink, size }: { readonly isLink: boolean; readonly size: number },
): PreparedFile {
  const { temporary, target, version } = file;
  let placed = false;
  return {
    size,
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

/** Returns the size in bytes. */
function makeFile(input: FileWriterInput, file: NewFile): number {
  const { temporary, version, kept } = file;
  const fresh = version.mode === MODE.executable ? 0o777 : 0o666;
  // Never more open than what it will be, not even for a moment.
  const handle = openSync(temporary, "wx", kept ?? fresh);
  try {
    if (kept !== undefined) fchmodSync(handle, kept);
    const size = writeContent(input, handle, file);
    if (!file.isSyncedLater) input.durability.syncFile(handle);
    return size;
  } finally {
    closeSync(handle);
  }
}

function writeContent(input: FileWriterInput, handle: number, { path, version }: NewFile): number {
  const isTakenAsIs = version.mode === MODE.symlink || input.conversion.rule(path).kind === "none";
  const size = isTakenAsIs ? input.store.header(version.oid).size : 0;
  if (size > HUGE) {
    input.store.copyBlobTo(version.oid, handle);
    return size;
  }
  const { bytes } = input.store.read(version.oid);
  const written = isTakenAsIs ? bytes : input.conversion.toWorkTree(bytes, path);
  writeFully(handle, written);
  return written.length;
}

function makeLink(input: FileWriterInput, { temporary, version }: NewFile): number {
  const target = Buffer.from(input.store.read(version.oid).bytes);
  symlinkSync(target, temporary);
  return target.length;
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
