/**
 * Names of files that a checkout is about to put in place. They stand in the work tree only where `.git` is on another
 * file system, and stay there when the process is killed.
 */
import type { RepoPath } from "../model.ts";

/** A process that crashed and left its files may have had this one's number. */
const run = crypto.getRandomValues(new Uint32Array(1)).join("");
let counter = 0;

export function newTemporaryName(): RepoPath {
  return `.lull-tmp-${process.pid}-${run}-${++counter}`;
}

/** Exactly such a name (older ones have one number less), so that no name that a person would give is left out. */
export function isTemporaryName(name: RepoPath): boolean {
  return name.startsWith(".lull-tmp-") && /^\.lull-tmp-\d+(?:-\d+){1,2}$/.test(name);
}
