/**
 * Writes files into the home. Whatever stands in a place is looked at right before it is replaced, and once more right
 * after where the system can exchange two files in one step: an edit of the last moment is put back. Nothing is written
 * through a link that leads out of the home.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { basename, dirname } from "node:path";

import { makePrivateDirectory, syncDirectory, writeFully } from "../base/atomic-file.ts";
import { fromSystem, LullError } from "../base/errors.ts";
import { type Content, readContent } from "./content.ts";
import type { Wanted } from "./restore-plan.ts";

export type PutBackPlace = {
  /** Absolute. */
  readonly home: string;
  /** Where files are written before they get their names, when it is on the same file system; it is made if missing. */
  readonly temporary: string;
  /** Left out where the system has no such calls. */
  readonly rename: GuardedRename | undefined;
  /** Permissions of a folder that has to be made; undefined: the usual ones. */
  readonly folderMode: (path: string) => number | undefined;
};

/** Each returns false when the system refused, for whatever reason; then nothing has changed. */
type GuardedRename = {
  exchange(one: string, other: string): boolean;
  ifFree(from: string, to: string): boolean;
};

/**
 * @param expected what stands there, by a look a while ago; undefined: nothing
 * @returns false when something else stands there by now; it stays
 * @throws LullError `LEADS_OUTSIDE`, `IN_THE_WAY`, or of the system
 */
export function putBack(
  place: PutBackPlace,
  path: string,
  { wanted, expected }: { readonly wanted: Wanted; readonly expected: Content | undefined },
): boolean {
  try {
    makeWay(place, path);
    const temporary = freeName(place, path);
    try {
      write(temporary, wanted);
      const isDone = isStill(expected, readContent(path)) && exchange(place, { temporary, path, expected });
      if (isDone) syncDirectory(dirname(path));
      return isDone;
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (error) {
    throw fromSystem(error, `restore ${path}`);
  }
}

/**
 * Removes a file that is still what it was.
 * @returns false when something else stands there by now; it stays
 */
export function takeOut(place: PutBackPlace, path: string, expected: Content): boolean {
  try {
    refuseOutside(place, path, dirname(path));
    const aside = freeName(place, path);
    if (!isStill(expected, readContent(path))) return false;
    renameSync(path, aside);
    if (isStill(expected, readContent(aside))) {
      unlinkSync(aside);
      syncDirectory(dirname(path));
      return true;
    }
    keep(place, aside, path);
    return false;
  } catch (error) {
    throw fromSystem(error, `remove ${path}`);
  }
}

type Exchange = { readonly temporary: string; readonly path: string; readonly expected: Content | undefined };

function exchange(place: PutBackPlace, { temporary, path, expected }: Exchange): boolean {
  const { rename } = place;
  if (expected === undefined) {
    if (rename?.ifFree(temporary, path) === true) return true;
    if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return false;
    renameSync(temporary, path);
    return true;
  }
  if (rename?.exchange(temporary, path) !== true) {
    renameSync(temporary, path);
    return true;
  }
  // What was replaced has the temporary name now.
  if (isStill(expected, readContent(temporary))) return true;
  if (!rename.exchange(temporary, path)) keep(place, temporary, path);
  return false;
}

/** At its place if that is free, else beside it, where the person finds it. */
function keep({ rename }: PutBackPlace, aside: string, path: string): void {
  for (let number = 0; number < 100; number++) {
    const to = number === 0 ? path : `${path}.kept-${number}`;
    if (rename === undefined ? !exists(to) : rename.ifFree(aside, to)) {
      if (rename === undefined) renameSync(aside, to);
      return;
    }
  }
  renameSync(aside, `${path}.kept-100`);
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function isStill(expected: Content | undefined, found: Content | undefined): boolean {
  if (expected === undefined || found === undefined) return expected === found;
  return expected.isLink === found.isLink && Buffer.compare(expected.bytes, found.bytes) === 0;
}

function write(temporary: string, wanted: Wanted): void {
  const { bytes, isLink, mode, changedAt } = wanted;
  if (isLink) {
    symlinkSync(Buffer.from(bytes), temporary);
    if (changedAt !== undefined) lutimesSync(temporary, changedAt / 1000, changedAt / 1000);
    return;
  }
  const handle = openSync(temporary, "wx", 0o600);
  try {
    writeFully(handle, bytes);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  chmodSync(temporary, mode & 0o777);
  if (changedAt !== undefined) utimesSync(temporary, changedAt / 1000, changedAt / 1000);
}

let count = 0;

/**
 * Among lull's own files, so that a death leaves nothing in the home; beside the target where a rename would cross file
 * systems. Names of fixed length, since the target's may be at the limit.
 */
function freeName({ temporary }: PutBackPlace, path: string): string {
  makePrivateDirectory(temporary);
  const folder = dirname(path);
  const isNear = lstatSync(realpathSync(folder)).dev === lstatSync(temporary).dev;
  return `${isNear ? `${temporary}/` : `${folder}/.`}lull-${process.pid}-${++count}.tmp`;
}

/** Makes missing folders, each with the permissions that were noted. */
function makeWay(place: PutBackPlace, path: string): void {
  const missing: string[] = [];
  let folder = dirname(path);
  for (; !exists(folder); folder = dirname(folder)) missing.unshift(folder);
  refuseOutside(place, path, folder);
  for (const each of missing) {
    mkdirSync(each);
    const mode = place.folderMode(each);
    if (mode !== undefined) chmodSync(each, mode & 0o777);
  }
}

/** @param folder above the path; it exists */
function refuseOutside({ home }: PutBackPlace, path: string, folder: string): void {
  const real = realpathSync(folder);
  if (!lstatSync(real).isDirectory())
    throw new LullError({
      kind: "failed",
      code: "IN_THE_WAY",
      message: `${folder} is no folder, so that ${basename(path)} can not be put into it`,
      hint: `move ${folder} away and restore again`,
    });
  if (!path.startsWith(`${home}/`)) return;
  const top = realpathSync(home);
  if (real === top || real.startsWith(`${top}/`)) return;
  throw new LullError({
    kind: "unsafe",
    code: "LEADS_OUTSIDE",
    message: `${folder} leads to ${real}, which is not in your home`,
    hint: "put the file there yourself if you mean it, or replace the link by a folder",
  });
}
