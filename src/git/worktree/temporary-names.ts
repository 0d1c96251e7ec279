/**
 * Names of files that a checkout is about to put in place. They stand in the work tree only where `.git` is on another
 * file system, and stay there when the process is killed.
 */
import type { RepoPath } from "../model.ts";

/** A process that crashed and left its files may have had this one's number. */
const run = crypto.getRandomValues(new Uint32Array(1)).join("");
export const TEMPORARY_PREFIX = `.lull-tmp-${process.pid}-${run}-`;
let counter = 0;

export function newTemporaryName(): RepoPath {
  return `${TEMPORARY_PREFIX}${newTemporaryNumber()}`;
}

/** Behind `TEMPORARY_PREFIX` it makes a new name. */
export function newTemporaryNumber(): number {
  return ++counter;
}

/** Exactly such a name (older ones have one number less), so that no name that a person would give is left out. */
export function isTemporaryName(name: RepoPath): boolean {
  return name.startsWith(".lull-tmp-") && /^\.lull-tmp-\d+(?:-\d+){1,2}$/.test(name);
}
