/**
 * Moves refs by compare-and-swap under git's own locks: whoever moved the ref meanwhile wins, and the caller hears of
 * it. A ref is written to `<ref>.lock`, synced and renamed, so that its file is never empty or half.
 */
import { lstatSync, rmdirSync, rmSync } from "node:fs";

import { makePrivateDirectory, syncDirectory, writeFileAtomic } from "../../base/atomic-file.ts";
import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { removeEmptyDirectories } from "./empty-directories.ts";
import { headMoved, refMoved } from "./held-head.ts";
import type { LockFile } from "./lock-file.ts";
import { takeLockFile } from "./lock-file.ts";
import { packedRefsPath, readPackedRefs, withoutPackedRefs, withPackedRefs } from "./packed-refs.ts";
import { isRefName, refPath } from "./ref-name.ts";
import { listRefs, readLooseRef, readRef, resolveRef } from "./ref-store.ts";
import type { ReflogEntry } from "./reflog.ts";
import { appendReflog } from "./reflog.ts";

export type RefUpdate = {
  /** Full name, `refs/…`. */
  readonly name: string;
  /** What the ref must be now; undefined: it must not exist. */
  readonly expected: Oid | undefined;
  readonly next: Oid;
  readonly reflog?: ReflogEntry | undefined;
  /** HEAD must be on this branch, and stays there until the move; else `REF_CHANGED`. */
  readonly isCheckedOut?: boolean;
};

/** Git's defaults of core.filesRefLockTimeout and core.packedRefsTimeout, milliseconds. */
const REF_WAIT_MS = 100;
const PACKED_WAIT_MS = 1000;

/** A move that is checked and whose locks are held: it can still be given up, and hardly fail any more. */
export type PreparedUpdate = {
  commit(): void;
  /** Safe to call after `commit`. */
  release(): void;
  [Symbol.dispose](): void;
};

/**
 * Moves one ref. With a reflog entry, HEAD's log gets the same line when HEAD is on this branch, as git does.
 * @throws LullError `REF_LOCKED`; `REF_CHANGED` when the ref is not what was expected; `REF_NAME_CONFLICT` when the
 *   name needs a folder where another ref is a file, or the other way round; `REF_IS_SYMBOLIC`; `REF_BROKEN`.
 */
export function updateRef(gitDirectory: string, update: RefUpdate): void {
  using prepared = prepareRefUpdate(gitDirectory, update);
  prepared.commit();
}

/** The first half of `updateRef`, for a caller that has something else to write while nobody can move the ref. */
export function prepareRefUpdate(gitDirectory: string, update: RefUpdate): PreparedUpdate {
  const { name, expected, next, reflog } = update;
  const lock = lockRef(gitDirectory, name);
  let head: LockFile | undefined;
  const release = (): void => {
    lock.release();
    head?.release();
  };
  try {
    expectValue(gitDirectory, name, expected);
    if (expected === undefined) refuseNameConflict(gitDirectory, name);
    if (reflog !== undefined || update.isCheckedOut === true) head = lockHeadOn(gitDirectory, name);
    if (update.isCheckedOut === true) refuseOtherHead(gitDirectory, name);
    if (expected !== next) lock.write(Buffer.from(`${next}\n`));
  } catch (error) {
    release();
    throw error;
  }
  const commit = (): void => {
    if (expected === next) return;
    const path = refPath(gitDirectory, name);
    removeEmptyFolder(path);
    if (reflog !== undefined) {
      const move = { from: expected, to: next };
      appendReflog(gitDirectory, name, move, reflog);
      if (head !== undefined) appendReflog(gitDirectory, "HEAD", move, reflog);
    }
    lock.commit();
  };
  return { commit, release, [Symbol.dispose]: release };
}

/** As `deleteRefs`, for one. */
export function deleteRef(gitDirectory: string, name: string, expected: Oid): void {
  deleteRefs(gitDirectory, new Map([[name, expected]]));
}

/**
 * Deletes refs with their logs. Packed first, then loose, both under their locks: a crash in between leaves a ref at its
 * present value and never revives an older one.
 * @param refs each with what it must be now
 * @throws LullError as `updateRef`; nothing was deleted then
 */
export function deleteRefs(gitDirectory: string, refs: ReadonlyMap<string, Oid>): void {
  using locks = new DisposableStack();
  for (const [name, expected] of refs) {
    locks.use(lockRef(gitDirectory, name));
    expectValue(gitDirectory, name, expected);
  }
  locks.use(lockPackedRefs(gitDirectory));
  const rest = withoutPackedRefs(gitDirectory, new Set(refs.keys()));
  if (rest !== undefined) replacePackedRefs(gitDirectory, rest);
  removeLooseFiles(gitDirectory, [...refs.keys()], { logs: true });
  locks.dispose();
  for (const name of refs.keys()) {
    removeEmptyParents(gitDirectory, name);
    removeEmptyParents(gitDirectory, `logs/${name}`);
  }
}

/**
 * Moves loose refs that are no tags into `packed-refs`, as `git pack-refs` does: thousands of small files are slow to
 * list. One that moves in the meantime stays loose.
 * @param refs each with what it was when it was listed
 */
export function packRefs(gitDirectory: string, refs: ReadonlyMap<string, Oid>): void {
  using _packed = lockPackedRefs(gitDirectory);
  const isStill = ([name, oid]: readonly [string, Oid]): boolean => {
    const now = readLooseRef(gitDirectory, name);
    return now?.kind === "direct" && now.oid === oid;
  };
  // One that was deleted since would come back.
  const chosen = [...refs].filter(isStill);
  if (chosen.length === 0) return;
  replacePackedRefs(gitDirectory, withPackedRefs(gitDirectory, new Map(chosen)));
  for (const ref of chosen) {
    try {
      using _lock = lockRef(gitDirectory, ref[0]);
      if (isStill(ref)) removeLooseFiles(gitDirectory, [ref[0]], { logs: false });
    } catch (error) {
      // Somebody moves it right now: what is loose counts, and what was packed is older.
      if (!(error instanceof LullError) || error.kind !== "locked") throw error;
    }
  }
}

function lockPackedRefs(gitDirectory: string): LockFile {
  return takeLockFile(packedRefsPath(gitDirectory), { waitMs: PACKED_WAIT_MS, gitDirectory });
}

/** The caller holds its lock. */
function replacePackedRefs(gitDirectory: string, bytes: Uint8Array): void {
  const temporaryDirectory = `${gitDirectory}/lull/tmp`;
  makePrivateDirectory(temporaryDirectory);
  writeFileAtomic(packedRefsPath(gitDirectory), bytes, { temporaryDirectory });
}

function removeLooseFiles(
  gitDirectory: string,
  names: readonly string[],
  { logs }: { readonly logs: boolean },
): void {
  const folders = new Set<string>();
  for (const name of names) {
    try {
      removeFile(refPath(gitDirectory, name));
      if (logs) removeFile(refPath(gitDirectory, `logs/${name}`));
    } catch (error) {
      throw fromSystem(error, `delete ref ${name}`);
    }
    folders.add(parentName(name));
  }
  for (const folder of folders) syncDirectory(refPath(gitDirectory, folder));
}

function lockRef(gitDirectory: string, name: string): LockFile {
  if (!isRefName(name)) throw invalidName(name);
  try {
    return takeLockFile(refPath(gitDirectory, name), { waitMs: REF_WAIT_MS, gitDirectory });
  } catch (error) {
    // A loose ref is a file where this name needs a folder.
    if (["ENOTDIR", "EEXIST"].includes(systemCode(error) ?? "")) refuseNameConflict(gitDirectory, name);
    throw error;
  }
}

/** Nobody switches the branch while it moves: git holds HEAD's lock as well when it writes to HEAD's log. */
function lockHeadOn(gitDirectory: string, name: string): LockFile | undefined {
  if (resolveRef(gitDirectory, "HEAD").name !== name) return undefined;
  return takeLockFile(`${gitDirectory}/HEAD`, { waitMs: REF_WAIT_MS, gitDirectory });
}

function refuseOtherHead(gitDirectory: string, name: string): void {
  const now = resolveRef(gitDirectory, "HEAD").name;
  if (now !== name) throw headMoved(name, now);
}

function expectValue(gitDirectory: string, name: string, expected: Oid | undefined): void {
  const now = readRef(gitDirectory, name);
  if (now?.kind === "symbolic") {
    throw new LullError({
      kind: "unsafe",
      code: "REF_IS_SYMBOLIC",
      message: `${name} is a symbolic ref to ${now.target}; lull does not write through it`,
      hint: `remove it with \`git symbolic-ref --delete ${name}\` if it is not meant`,
      data: { ref: name },
    });
  }
  if (now?.oid !== expected) throw refMoved(name, expected ?? "missing", describe(now));
}

function refuseNameConflict(gitDirectory: string, name: string): void {
  const packed = readPackedRefs(gitDirectory);
  for (let parent = parentName(name); parent.includes("/"); parent = parentName(parent)) {
    if (packed.has(parent) || readLooseRef(gitDirectory, parent) !== undefined)
      throw nameConflict(name, parent);
  }
  for (const other of listRefs(gitDirectory, `${name}/`, () => {}).keys()) throw nameConflict(name, other);
}

/** A packed ref has no file of its own; where it would be, there may be the empty folder of refs that were deleted. */
function removeFile(path: string | Buffer): void {
  if (!removeEmptyFolder(path)) rmSync(path, { force: true });
}

/** Git leaves empty folders of deleted refs behind and removes one that is in the way. Tells whether it is a folder. */
function removeEmptyFolder(path: string | Buffer): boolean {
  const isFolder = lstatSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  if (isFolder) removeEmptyDirectories(path);
  return isFolder;
}

/** Keeps `refs/heads`, `refs/tags` and their like, as git does. */
function removeEmptyParents(gitDirectory: string, name: string): void {
  const kept = name.startsWith("logs/") ? 3 : 2;
  for (let parent = parentName(name); parent.split("/").length > kept; parent = parentName(parent)) {
    try {
      rmdirSync(refPath(gitDirectory, parent));
    } catch {
      return;
    }
  }
}

function parentName(name: string): string {
  return name.slice(0, Math.max(0, name.lastIndexOf("/")));
}

function describe(value: ReturnType<typeof readRef>): string {
  if (value === undefined) return "missing";
  return value.kind === "direct" ? value.oid : value.target;
}

function nameConflict(name: string, other: string): LullError {
  return new LullError({
    kind: "failed",
    code: "REF_NAME_CONFLICT",
    message: `cannot create ${name}: ${other} exists, and git cannot hold both names`,
    hint: "rename or delete one of the two branches",
    data: { ref: name, other },
  });
}

function invalidName(name: string): LullError {
  return new LullError({
    kind: "usage",
    code: "REF_NAME_INVALID",
    message: `${JSON.stringify(name)} is not a valid name for a ref`,
    hint: "see `git help check-ref-format` for the rules",
  });
}
