/** Paths below the home as other tools name them: which of them can stand in the config, and how. Pure. */
import { join, sep } from "node:path";

import { shortPath } from "../user-path.ts";

/** A path or pattern below a folder as `files` has it: from the home on, with `/` on every system. */
export function pathInConfig(folder: string, path: string, home: string): string {
  return shortPath(join(folder, path), home).replaceAll(sep, "/");
}

/** Characters that the config takes for a part of a glob. */
const OF_GLOBS = /[*?[\]{}]/;
/** What no name of a file should hold, and U+FFFD, which stands for bytes that are no UTF-8. */
const UNREADABLE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffd\\]/;
/** PATH_MAX of Linux. */
const LONGEST = 4096;

/** What means something else where a path begins with it: an exception, a home, a variable. */
const WITH_MEANING = /^[!~$]/;

export type PathProblem = "outside" | "unreadable" | "glob" | "everything" | "repository";

/**
 * Why a path can not be taken over as it is; undefined: it can.
 * @param isGlob whether it may hold `*`, `?` and `[…]`
 */
export function pathProblem(path: string, isGlob = false): PathProblem | undefined {
  if (UNREADABLE.test(path) || path.length > LONGEST) return "unreadable";
  const names = path.split("/");
  if (names.some((name) => name === "" || name === "." || name === "..")) return "outside";
  if (names.some((name) => name.toLowerCase() === ".git")) return "repository";
  if (isGlob && /^\*+$/.test(path)) return "everything";
  return WITH_MEANING.test(path) || (isGlob ? /[{}]/ : OF_GLOBS).test(path) ? "glob" : undefined;
}

/** Why such paths are left out, by their problem. */
export const PATH_PROBLEMS: Readonly<Record<PathProblem, string>> = {
  outside: "paths that lead out of the home folder, or name no file: lull takes none of them",
  unreadable:
    "names with control characters, backslashes or bytes that are no UTF-8: rename these files to take them in",
  glob: "names that lull would read as something else, as they hold * ? [ ] { } or begin with ! ~ $: write patterns that fit them into `files` by hand",
  everything: "patterns that stand for the whole home: name what is to be kept",
  repository: "files inside of a .git folder, which git keeps in no repository",
};
