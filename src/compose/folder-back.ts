import { statSync } from "node:fs";

import { isFilledFolder } from "../platform/is-filled-folder.ts";
import { readGuardMemory } from "../sync/guards/guard-memory.ts";

/** Whether a folder in which a guard stopped the source looks as if it could go on; see `GuardWatch`. */
export function isFolderBack(directory: string, guard: string): boolean {
  return isFilledFolder(directory) && (guard !== "repository" || !isStopped(`${directory}/.git`, guard));
}

/** The guard wrote into the other repository that it waits: the right one knows nothing of it. */
function isStopped(gitDirectory: string, guard: string): boolean {
  try {
    // A linked work tree has a file there; which repository it belongs to the next sync by hand tells.
    if (!statSync(gitDirectory).isDirectory()) return true;
    return readGuardMemory(gitDirectory).waiting.some((waiting) => waiting.guard === guard);
  } catch {
    return true;
  }
}
