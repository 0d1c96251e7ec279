/** Where a repository keeps what tells of the person's own commits, and which of its files do. */
import { readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

export type GitDirectories = {
  /** HEAD lies here. */
  readonly own: string;
  /** Branches lie here: another one for a linked work tree. */
  readonly common: string;
};

/** @returns undefined when there is no repository */
export function findGitDirectories(directory: string, given: string | undefined): GitDirectories | undefined {
  const own = given ?? followGitFile(join(directory, ".git"));
  if (own === undefined || !isFolder(own)) return undefined;
  const common = firstLine(join(own, "commondir"));
  return { own, common: common === undefined ? own : resolve(own, common) };
}

/** `.git` of a submodule or a linked work tree is a file that names the folder. */
function followGitFile(path: string): string | undefined {
  if (isFolder(path)) return path;
  const target = /^gitdir: (.+)$/.exec(firstLine(path) ?? "")?.[1];
  return target === undefined ? undefined : resolve(path, "..", target);
}

/** Files and folders that a commit, a checkout of a branch or new ignore rules change. */
const TELLING = /^(?:HEAD|refs|refs\/heads|refs\/heads\/.*|reftable|reftable\/.*|info|info\/exclude)$/;

/** Whether a path below a git directory says nothing about branches: objects, the index, locks … */
export function saysNothing(path: string): boolean {
  return !TELLING.test(path) || path.endsWith(".lock");
}

export const EXCLUDE_FILE = "info/exclude";

/**
 * What is checked out, in one text that differs when the branch moves or another is checked out. Not by the ref's file:
 * `git gc` moves refs from one file to another, and nothing has changed.
 */
export function readTip({ own, common }: GitDirectories): string | undefined {
  const head = firstLine(join(own, "HEAD"));
  const ref = /^ref: (.+)$/.exec(head ?? "")?.[1];
  if (ref === undefined) return head;
  const tables = readText(join(common, "reftable", "tables.list"));
  const value = tables ?? firstLine(join(common, ref)) ?? packedRef(common, ref);
  return `${ref} ${value ?? ""}`;
}

/** @param commit as 40 or 64 hex digits */
export function isTip(tip: string | undefined, commit: string): boolean {
  return tip === commit || tip?.endsWith(` ${commit}`) === true;
}

function packedRef(common: string, ref: string): string | undefined {
  const line = readText(join(common, "packed-refs"))
    ?.split("\n")
    .find((entry) => entry.endsWith(` ${ref}`));
  return line?.split(" ")[0];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

function firstLine(path: string): string | undefined {
  return readText(path)?.split("\n")[0]?.trimEnd();
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
