/** Where the repository of a folder is. Looks, never writes. */
import { lstatSync, readdirSync, readFileSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname, join, resolve } from "node:path";

import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import { commonDirectory } from "./common-directory.ts";

export type FoundRepository =
  | { readonly kind: "missing" }
  /** `isEmpty`: there is a folder with nothing in it, as where no drive is mounted. */
  | {
      readonly kind: "none";
      readonly reason: string | undefined;
      readonly isEmpty?: boolean;
      /** The git directory that lacks nothing but its HEAD, and has had branches. */
      readonly headless?: string;
    }
  /** `gitDirectory` lies in the folder, as `.git`. */
  | { readonly kind: "work-tree"; readonly gitDirectory: string }
  /** `gitDirectory` is the own one of a linked work tree; `common-directory.ts` says what lies elsewhere. */
  | { readonly kind: "linked-work-tree"; readonly gitDirectory: string }
  /** The folder is itself a git directory. */
  | { readonly kind: "bare"; readonly gitDirectory: string }
  /** `.git` is a file that points elsewhere: a submodule, `git init --separate-git-dir`, or a lost linked work tree. */
  | { readonly kind: "linked"; readonly target: string }
  /** `.git` is a symbolic link. */
  | { readonly kind: "symlinked" };

export function findRepository(directory: string): FoundRepository {
  const folder = look(directory, statSync);
  if (folder === undefined) return { kind: "missing" };
  if (!folder.isDirectory()) return { kind: "none", reason: `${directory} is a file, not a folder` };
  const gitDirectory = join(directory, ".git");
  const dotGit = look(gitDirectory, lstatSync);
  if (dotGit?.isSymbolicLink() === true) return { kind: "symlinked" };
  if (dotGit?.isFile() === true) return linkedRepository(gitDirectory, dotGit);
  if (dotGit?.isDirectory() === true) {
    if (isGitDirectory(gitDirectory)) return { kind: "work-tree", gitDirectory };
    return {
      kind: "none",
      reason: `${gitDirectory} exists, but is no complete repository (HEAD, objects or refs is missing)`,
      ...(isHeadless(gitDirectory) ? { headless: gitDirectory } : {}),
    };
  }
  if (isGitDirectory(directory)) return { kind: "bare", gitDirectory: directory };
  const outer = enclosingRepository(directory);
  const reason = outer === undefined ? undefined : `${directory} lies inside another repository, ${outer}`;
  return { kind: "none", reason, isEmpty: isEmptyFolder(directory) };
}

/** An `init` that was cut off also leaves no HEAD, but nothing to find again either. */
function isHeadless(gitDirectory: string): boolean {
  const has = (name: string): boolean => look(join(gitDirectory, name), lstatSync) !== undefined;
  if (has("HEAD") || !has("objects") || !has("refs")) return false;
  return has("packed-refs") || has("logs/HEAD") || !isEmptyFolder(join(gitDirectory, "refs/heads"));
}

function isEmptyFolder(directory: string): boolean {
  try {
    return readdirSync(directory).length === 0;
  } catch {
    return false;
  }
}

/**
 * Returns the git directory of a work tree, also of one that has lost its HEAD and is to be repaired.
 * @throws LullError `NOT_A_REPOSITORY` (kind `unsafe`)
 */
export function requireGitDirectory(directory: string): string {
  const found = findRepository(directory);
  if (found.kind === "work-tree" || found.kind === "linked-work-tree") return found.gitDirectory;
  if (found.kind === "none" && found.headless !== undefined) return found.headless;
  throw new LullError({
    kind: "unsafe",
    code: "NOT_A_REPOSITORY",
    message: (found.kind === "none" ? found.reason : undefined) ?? `${directory} is not a git repository`,
    hint: "check the path, or make a repository there with `git init`",
    data: { path: directory },
  });
}

/** As git decides it: HEAD, objects and refs are there. */
export function isGitDirectory(path: string): boolean {
  return (
    look(join(path, "HEAD"), lstatSync)?.isDirectory() === false &&
    look(join(path, "objects"), statSync)?.isDirectory() === true &&
    look(join(path, "refs"), statSync)?.isDirectory() === true
  );
}

/** Says nothing of a folder above that lies inside another `.git`: those files are not a work tree. */
function enclosingRepository(directory: string): string | undefined {
  for (let path = dirname(resolve(directory)); ; path = dirname(path)) {
    if (look(join(path, ".git"), lstatSync) !== undefined) return path;
    if (dirname(path) === path) return undefined;
  }
}

function linkedRepository(file: string, stat: Stats): FoundRepository {
  const target = readLink(file, stat);
  return isLinkedWorkTree(target, file)
    ? { kind: "linked-work-tree", gitDirectory: target }
    : { kind: "linked", target };
}

/** Both know each other: the folder was neither copied nor moved without `git worktree repair`. */
function isLinkedWorkTree(target: string, file: string): boolean {
  const common = commonDirectory(target);
  if (common === target || dirname(dirname(target)) !== common || !isGitDirectory(common)) return false;
  if (look(join(target, "HEAD"), lstatSync)?.isFile() !== true) return false;
  const back = look(join(target, "gitdir"), lstatSync);
  if (back?.isFile() !== true || back.size > 64 * 1024) return false;
  const named = look(resolve(target, readFileSync(join(target, "gitdir"), "utf8").trimEnd()), lstatSync);
  const own = look(file, lstatSync);
  return named !== undefined && own !== undefined && named.ino === own.ino && named.dev === own.dev;
}

/** A `.git` file holds `gitdir: <path>`. */
function readLink(file: string, stat: Stats): string {
  if (stat.size > 64 * 1024) return "an unreadable place";
  const path = /^gitdir: *([^\r\n]+)/.exec(readFileSync(file, "utf8"))?.[1];
  return path === undefined ? "an unreadable place" : resolve(dirname(file), path);
}

function look(path: string, ask: (path: string) => Stats): Stats | undefined {
  try {
    return ask(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `look at ${path}`);
  }
}
