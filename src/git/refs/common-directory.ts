/**
 * A linked work tree (`git worktree add`) has a git directory of its own, `<common>/worktrees/<id>`, with HEAD, index,
 * their locks and logs, lull's journal and a few refs. All else lies in the common directory, which is the git directory
 * of the main work tree: objects, branches, config, `info/`. Everywhere in the engine `gitDirectory` is the first;
 * whoever looks for something shared asks here. For any other repository both are the same.
 */
import { readFileSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";

import { fromSystem, systemCode } from "../../base/errors.ts";

/** As `is_per_worktree_ref` of git's refs.c; without a slash: HEAD, MERGE_HEAD and other files beside it. */
const PER_WORK_TREE = /^(?:logs\/)?(?:(?!refs$)[^/]+$|refs\/(?:bisect|worktree|rewritten)(?:\/|$))/;
/** Folders of refs that each work tree has for itself. */
export const OWN_FOLDERS: readonly string[] = ["refs/bisect", "refs/worktree", "refs/rewritten"];

export function commonDirectory(gitDirectory: string): string {
  // Git makes them nowhere else; for all other repositories this costs no look at the disk.
  if (basename(dirname(gitDirectory)) !== "worktrees") return gitDirectory;
  const file = `${gitDirectory}/commondir`;
  try {
    return resolve(gitDirectory, readFileSync(file, "utf8").trimEnd());
  } catch (error) {
    // A bare repository that lies in a folder of this name.
    if (systemCode(error) === "ENOENT") return gitDirectory;
    throw fromSystem(error, `read ${file}`);
  }
}

/** The directory in which a ref, its lock, or with `logs/` before it its log lies. */
export function directoryOf(gitDirectory: string, name: string): string {
  return PER_WORK_TREE.test(name) ? gitDirectory : commonDirectory(gitDirectory);
}
