/**
 * Names of files that a checkout is about to put in place. They stand in the work tree only where `.git` is on another
 * file system, and stay there when the process is killed.
 */
import type { RepoPath } from "../model.ts";

let counter = 0;

export function newTemporaryName(): RepoPath {
  return `.lull-tmp-${process.pid}-${++counter}`;
}

/** Exactly such a name, so that no name that a person would give is left out. */
export function isTemporaryName(name: RepoPath): boolean {
  return name.startsWith(".lull-tmp-") && /^\.lull-tmp-\d+-\d+$/.test(name);
}
