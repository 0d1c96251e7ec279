/** The other work trees of a repository, main and linked: a branch that one of them has checked out is not to move under it. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";

import { fromSystem, systemCode } from "../../base/errors.ts";
import { commonDirectory } from "./common-directory.ts";

/**
 * Returns the folder of another work tree that has this branch checked out (`git worktree add --force` lets that
 * happen), or undefined. One whose folder was deleted does not count: nothing there can become wrong.
 */
export function otherWorkTreeOn(gitDirectory: string, branch: string): string | undefined {
  const common = commonDirectory(gitDirectory);
  const linked = linkedDirectories(common);
  const others = linked.map((directory) => [directory, workTreeOf(directory)] as const);
  // The git directory of a bare repository is in no `.git`; its HEAD is on a branch, but no files are.
  if (basename(common) === ".git" && linked.length > 0) others.push([common, dirname(common)]);
  return others.find(
    ([directory, folder]) => directory !== gitDirectory && folder !== undefined && isOn(directory, branch),
  )?.[1];
}

function linkedDirectories(common: string): readonly string[] {
  try {
    return readdirSync(join(common, "worktrees")).map((name) => join(common, "worktrees", name));
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw fromSystem(error, `list ${common}/worktrees`);
  }
}

/** `gitdir` names the `.git` file of the work tree; undefined when that is gone and was not put aside on purpose. */
function workTreeOf(directory: string): string | undefined {
  const link = textOf(join(directory, "gitdir"))?.trimEnd();
  if (link === undefined) return undefined;
  const file = resolve(directory, link);
  return existsSync(file) || existsSync(join(directory, "locked")) ? dirname(file) : undefined;
}

function isOn(directory: string, branch: string): boolean {
  return textOf(join(directory, "HEAD"))?.trimEnd() === `ref: ${branch}`;
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `read ${file}`);
  }
}
