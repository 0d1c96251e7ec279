/**
 * Puts a new file in the place of an old one, and takes an old one away, so that an edit of the very last moment is not
 * lost: what really stood there is looked at after it was moved aside, and put back when it is not what was expected.
 *
 * Between the last look at a path and the rename that replaces it there is a moment in which a person may save. Where the
 * system can exchange two files in one step, it costs nothing to ask what was replaced; elsewhere the moment stays.
 */
import { renameSync, unlinkSync } from "node:fs";

import type { FileStat } from "../worktree/stat.ts";
import { statPath } from "../worktree/stat.ts";

/** Each returns false when the system refused, for whatever reason; then nothing has changed. */
export type GuardedRename = {
  /** What stands at the two paths changes places, in one step. */
  exchange(one: string | Buffer, other: string | Buffer): boolean;
  /** Only if nothing stands at the new path. */
  ifFree(from: string | Buffer, to: string | Buffer): boolean;
};

export type Places = {
  /** Left out where the system has no such calls: then names are changed without a look behind. */
  readonly rename: GuardedRename | undefined;
  /** A name of lull's own, on the same file system. */
  readonly temporary: string | Buffer;
  readonly target: string | Buffer;
  /** What stands at the target, by a look a moment ago; undefined: nothing. */
  readonly expected: FileStat | undefined;
};

/**
 * Renames the temporary file to the target.
 * @returns false when something else had come to the target: it stands there still
 * @throws the system's error
 */
export function putInPlace(places: Places): boolean {
  const { rename, temporary, target, expected } = places;
  if (rename === undefined) return plainly(places);
  if (expected === undefined) {
    if (rename.ifFree(temporary, target)) return true;
    return statPath(target) === undefined && plainly(places);
  }
  const own = statPath(temporary);
  if (!rename.exchange(temporary, target)) {
    // Somebody removed it; or the file system cannot exchange.
    return statPath(target) !== undefined && plainly(places);
  }
  if (isStill(expected, statPath(temporary))) {
    unlinkSync(temporary);
    return true;
  }
  if (own !== undefined) putBack({ ...places, rename, own });
  return false;
}

/**
 * Removes the target.
 * @returns false when something else had come there: it stands there still
 * @throws the system's error
 */
export function takeAway(places: Places): boolean {
  const { rename, temporary, target, expected } = places;
  if (rename === undefined || expected === undefined) {
    unlinkSync(target);
    return true;
  }
  renameSync(target, temporary);
  if (isStill(expected, statPath(temporary))) {
    unlinkSync(temporary);
    return true;
  }
  keep(rename, temporary, target);
  return false;
}

function plainly({ temporary, target }: Places): true {
  renameSync(temporary, target);
  return true;
}

/** The person's file, which now has the temporary name, gets its place back. */
function putBack({
  rename,
  temporary,
  target,
  own,
}: Places & { readonly rename: GuardedRename; readonly own: FileStat }): void {
  if (!rename.exchange(temporary, target)) {
    // The new version was removed in the meantime.
    keep(rename, temporary, target);
    return;
  }
  const found = statPath(temporary);
  // Saved once more, upon the new version: then both are kept.
  if (found !== undefined && !isStill(own, found)) keep(rename, temporary, target);
}

/** At its place if that is free, else beside it, where the person and the next scan find it. */
function keep(rename: GuardedRename, temporary: string | Buffer, target: string | Buffer): void {
  if (rename.ifFree(temporary, target)) return;
  for (let number = 1; number <= MOST_BESIDE; number++)
    if (rename.ifFree(temporary, beside(target, number))) return;
  // What it is must not be swept with the temporary files.
  renameSync(temporary, beside(target, MOST_BESIDE + 1));
}

const MOST_BESIDE = 100;

function beside(target: string | Buffer, number: number): string | Buffer {
  const suffix = `.kept-${number}`;
  return typeof target === "string" ? target + suffix : Buffer.concat([target, Buffer.from(suffix)]);
}

/** The time of the last change of its inode is left out: a rename sets it. */
function isStill(expected: FileStat, found: FileStat | undefined): boolean {
  if (found === undefined) return false;
  const [a, b] = [expected.data, found.data];
  return (
    a.inode === b.inode &&
    a.mtimeSeconds === b.mtimeSeconds &&
    a.mtimeNanoseconds === b.mtimeNanoseconds &&
    expected.size === found.size &&
    expected.mode === found.mode
  );
}
