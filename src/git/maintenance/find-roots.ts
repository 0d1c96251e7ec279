import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import type { Oid } from "../model.ts";
import { parentPath } from "../paths.ts";
import { listRefs } from "../refs/ref-store.ts";
import { readIndex } from "../worktree/index-file.ts";

export type Roots = {
  readonly oids: ReadonlySet<Oid>;
  /** What could not be read to the end: then objects that look unreachable may be needed, and none may go. */
  readonly unsure: readonly string[];
};

/** Folders of the git directory that name no objects, or that are other repositories. */
const WITHOUT_NAMES = new Set([
  "objects",
  "hooks",
  "info",
  "modules",
  "branches",
  "worktrees",
  "refs",
  "lfs",
  "annex",
  "rr-cache",
]);
/** In `lull/`: files in the making, and marks of locks. */
const WITHOUT_NAMES_OF_LULL = new Set(["tmp", "locks"]);
/** Anything larger is no list of names; reflogs are, whatever their size. */
const LARGEST_TEXT = 8 * 1024 * 1024;

/**
 * Collects all names by which objects are held: refs, and whatever 40 digits stand in a text file of the git directory
 * (HEAD, FETCH_HEAD, ORIG_HEAD, reflogs, the files of a merge, rebase, bisect or cherry-pick, lull's own journal), of
 * the main work tree and of each linked one, and the indexes. Too many roots keep some rubbish; one too few would lose
 * work. So nothing here asks what a file means.
 */
export function findRoots(gitDirectory: string): Roots {
  const oids = new Set<Oid>();
  const unsure: string[] = [];
  for (const oid of listRefs(gitDirectory, "refs/").values()) oids.add(oid);
  for (const directory of [gitDirectory, ...linkedWorkTrees(gitDirectory)]) {
    addTexts(directory, directory === gitDirectory ? WITHOUT_NAMES : new Set(), oids, unsure);
    addIndex(directory, oids, unsure);
  }
  return { oids, unsure };
}

export function linkedWorkTrees(gitDirectory: string): string[] {
  const folder = join(gitDirectory, "worktrees");
  return entriesOf(folder)
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name));
}

function addTexts(directory: string, left: ReadonlySet<string>, oids: Set<Oid>, unsure: string[]): void {
  for (const entry of entriesOf(directory)) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) {
      if (!left.has(entry.name))
        addTexts(path, entry.name === "lull" ? WITHOUT_NAMES_OF_LULL : NOTHING, oids, unsure);
    } else if (entry.isFile() && entry.name !== "index" && !entry.name.startsWith("sharedindex.")) {
      addText(path, oids, unsure);
    }
  }
}

const NOTHING: ReadonlySet<string> = new Set();

function addText(path: string, oids: Set<Oid>, unsure: string[]): void {
  const size = lstatSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LARGEST_TEXT && !path.includes("/logs/")) {
    unsure.push(`${path} is too large to be looked through`);
    return;
  }
  let text: string;
  try {
    text = readFileSync(path, "latin1");
  } catch (error) {
    // A lock file, or a file that git has replaced.
    if (systemCode(error) === "ENOENT") return;
    throw fromSystem(error, `read ${path}`);
  }
  for (const [oid] of text.matchAll(/(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])/g)) oids.add(oid);
}

function addIndex(directory: string, oids: Set<Oid>, unsure: string[]): void {
  const path = join(directory, "index");
  try {
    const index = readIndex(directory);
    const folders = new Set([""]);
    for (let position = 0; position < index.count; position++) {
      oids.add(index.versionAt(position).oid);
      for (let folder = parentPath(index.pathAt(position)); !folders.has(folder); folder = parentPath(folder))
        folders.add(folder);
    }
    for (const folder of folders) {
      const tree = index.cachedTree(folder);
      if (tree !== undefined) oids.add(tree);
    }
    if (index.hasConflicts) unsure.push(`${path} holds conflicts`);
    else if (index.count > 0 && readFileSync(path).includes("REUC"))
      unsure.push(`${path} remembers how conflicts were resolved`);
  } catch (error) {
    const isUnknown =
      error instanceof LullError && ["INDEX_CORRUPT", "UNSUPPORTED_REPOSITORY"].includes(error.code);
    if (!isUnknown) throw error;
    unsure.push(`${path} cannot be read`);
  }
}

function entriesOf(directory: string) {
  try {
    return readdirSync(directory, { withFileTypes: true });
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return [];
    throw fromSystem(error, `list ${directory}`);
  }
}
