/**
 * How lull knows its own locks again after a crash. Each lock that it takes is a hard link of a mark, whose name says
 * which process of which machine made it. A lock that shares its inode with the mark of a process that is gone was left by
 * a killed lull and may be taken away; no other lock ever is, above all none of another machine that writes to the same
 * share. (Without this, one kill -9 would keep every later sync waiting for `index.lock`.)
 *
 * The mark of a lock that lies in the git directory itself (index, HEAD, packed-refs, config) lies beside it: what makes
 * the lock's name last on the disk then makes the mark's last too, and a power cut leaves no lock that nobody knows.
 * Those of refs are in `lull/locks`; among refs they would be taken for refs, and no folder there is synced while lull
 * holds a lock in it.
 */
import {
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  renameSync,
  rmSync,
} from "node:fs";
import { dirname } from "node:path";

import { systemCode } from "../../base/errors.ts";
import { commonDirectory } from "./common-directory.ts";
import { isProcessAlive, processName } from "./process-name.ts";

export type Mark = { readonly path: string; readonly handle: number };

/** What the name of a mark beside its lock begins with; then comes the process. */
const BESIDE = "lull-lock-";

/** Returns undefined where marks cannot be made; then locks are plain files. */
export function makeMark(gitDirectory: string, lockPath: string | Buffer): Mark | undefined {
  const beside = besideFolders(gitDirectory).find((folder) => folder === dirname(lockPath.toString()));
  const marks = marksFolder(gitDirectory);
  const path = beside === undefined ? `${marks}/${processName()}` : `${beside}/${BESIDE}${processName()}`;
  for (const folder of beside === undefined ? [undefined, dirname(marks), marks] : [undefined]) {
    try {
      if (folder !== undefined) mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      if (systemCode(error) !== "EEXIST") return undefined;
    }
    try {
      return { path, handle: openSync(path, "wx", 0o666) };
    } catch (error) {
      if (systemCode(error) !== "ENOENT") return undefined;
    }
  }
  return undefined;
}

/** Makes the mark the lock. Returns false where the file system has no hard links. @throws `EEXIST`, `ENOENT` as open does */
export function linkMark(mark: Mark, lockPath: string | Buffer): boolean {
  try {
    linkSync(mark.path, lockPath);
    return true;
  } catch (error) {
    if (["EEXIST", "ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) throw error;
    return false;
  }
}

export function dropMark(mark: Mark): void {
  closeSync(mark.handle);
  rmSync(mark.path, { force: true });
}

/** True when the lock was left by a lull that was killed. Looks only. */
export function isAbandonedLock(gitDirectory: string, lockPath: string | Buffer): boolean {
  return abandonedMark(gitDirectory, lockPath) !== undefined;
}

/** Takes an abandoned lock away; returns false when it is not one, or when another process was quicker. */
export function breakAbandonedLock(gitDirectory: string, lockPath: string | Buffer): boolean {
  const mark = abandonedMark(gitDirectory, lockPath);
  if (mark === undefined) return false;
  // Whoever renames the mark has the right to remove the lock: two processes would else remove each other's.
  const claimed = mark.path.slice(0, -mark.owner.length) + processName();
  try {
    renameSync(mark.path, claimed);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
  const isSame = inodeOf(lockPath) === inodeOf(claimed);
  if (isSame) rmSync(lockPath, { force: true });
  rmSync(claimed, { force: true });
  return isSame;
}

/**
 * Takes away every lock that a killed lull left in a repository: lull itself would do so when it needs one, but the
 * person's git must not wait for that. A look at two folders when there is none.
 */
export function breakAbandonedLocks(gitDirectory: string): void {
  const isLeft = (mark: LeftMark): boolean => {
    const links = lstatSync(mark.path, { throwIfNoEntry: false })?.nlink ?? 1;
    return links > 1 && !isOwnerAlive(mark);
  };
  if (!marksOf(gitDirectory).some(isLeft)) return;
  try {
    for (const lockPath of lockPaths(gitDirectory)) breakAbandonedLock(gitDirectory, lockPath);
  } catch (error) {
    // Whoever may only read a repository leaves its locks to those who write.
    if (!["EACCES", "EPERM", "EROFS"].includes(systemCode(error) ?? "")) throw error;
  }
}

function lockPaths(gitDirectory: string): readonly Buffer[] {
  const common = commonDirectory(gitDirectory);
  const found = new Map<string, Buffer>();
  const add = (folder: string, recursive: boolean): void => {
    for (const name of readNames(folder, recursive)) {
      if (!name.endsWith(".lock")) continue;
      const path = Buffer.from(`${folder}/${name}`, "latin1");
      found.set(path.toString("latin1"), path);
    }
  };
  const folders = new Set([gitDirectory, common].map((folder) => Buffer.from(folder).toString("latin1")));
  for (const folder of folders) {
    add(folder, false);
    add(`${folder}/refs`, true);
  }
  return [...found.values()];
}

/** @param folder as bytes in latin1, as are the names */
function readNames(folder: string, recursive: boolean): readonly string[] {
  try {
    return readdirSync(Buffer.from(folder, "latin1"), { encoding: "latin1", recursive });
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw error;
  }
}

/**
 * Removes the marks that killed processes left without a lock; one that is still a lock is what the lock is known by.
 * @returns how many (with `dryRun`: would be)
 */
export function sweepMarks(gitDirectory: string, dryRun: boolean): number {
  let swept = 0;
  for (const mark of marksOf(gitDirectory)) {
    if (lstatSync(mark.path, { throwIfNoEntry: false })?.nlink !== 1 || isOwnerAlive(mark)) continue;
    if (!dryRun) rmSync(mark.path, { force: true });
    swept++;
  }
  return swept;
}

/** A mark that is there, and the process that its name tells of. */
type LeftMark = { readonly path: string; readonly owner: string };

function abandonedMark(gitDirectory: string, lockPath: string | Buffer): LeftMark | undefined {
  const inode = inodeOf(lockPath);
  if (inode === undefined) return undefined;
  return marksOf(gitDirectory).find((mark) => inodeOf(mark.path) === inode && !isOwnerAlive(mark));
}

function marksOf(gitDirectory: string): readonly LeftMark[] {
  const marks = marksFolder(gitDirectory);
  return [
    ...namesIn(marks).map((owner) => ({ path: `${marks}/${owner}`, owner })),
    ...besideFolders(gitDirectory).flatMap((folder) =>
      namesIn(folder)
        .filter((name) => name.startsWith(BESIDE))
        .map((name) => ({ path: `${folder}/${name}`, owner: name.slice(BESIDE.length) })),
    ),
  ];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isOwnerAlive({ path, owner }: LeftMark): boolean {
  return isProcessAlive(owner, lstatSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity);
}

function inodeOf(path: string | Buffer): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}

function marksFolder(gitDirectory: string): string {
  // Shared: a ref that lull left locked in one work tree must not stay locked for the others.
  return `${commonDirectory(gitDirectory)}/lull/locks`;
}

/** The folders in which a mark lies beside its lock: the git directory, and that of the repository for a linked work tree. */
function besideFolders(gitDirectory: string): readonly string[] {
  const common = commonDirectory(gitDirectory);
  return common === gitDirectory ? [gitDirectory] : [gitDirectory, common];
}
