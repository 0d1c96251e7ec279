/** When an `[includeIf "…"]` applies: `gitdir:`, `gitdir/i:` and `onbranch:`; any other condition never does. */
import { realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { systemCode } from "../../base/errors.ts";
import { expandHome } from "./git-config.ts";

export type ConditionFacts = {
  /** Absolute, may be one that is yet to be made; undefined outside a repository, where no condition holds. */
  readonly gitDirectory: string | undefined;
  /** Short name of the checked-out branch, `main`; asked for by few. */
  readonly branch: () => string | undefined;
  readonly home: string | undefined;
};

/** @param file the config file that holds the condition */
export function conditionHolds(condition: string, file: string, facts: ConditionFacts): boolean {
  const [, kind, pattern = ""] = /^(gitdir|gitdir\/i|onbranch):([^]*)$/.exec(condition) ?? [];
  if (kind === "onbranch") {
    const branch = facts.branch();
    return branch !== undefined && onBranch(pattern, branch);
  }
  if (kind === undefined || facts.gitDirectory === undefined) return false;
  return inGitDirectory(pattern, file, facts.gitDirectory, {
    home: facts.home,
    ignoreCase: kind === "gitdir/i",
  });
}

function onBranch(pattern: string, branch: string): boolean {
  return pathPattern(withTrailing(pattern), false).test(branch);
}

function inGitDirectory(
  pattern: string,
  file: string,
  gitDirectory: string,
  options: { readonly home: string | undefined; readonly ignoreCase: boolean },
): boolean {
  let rest = expandHome(pattern, options.home);
  let literal = "";
  if (rest.startsWith("./")) {
    literal = `${dirname(realpathSync(file))}/`;
    rest = rest.slice(2);
  } else if (!rest.startsWith("/")) rest = `**/${rest}`;
  const matcher = pathPattern(withTrailing(rest), options.ignoreCase);
  const fold = (text: string): string => (options.ignoreCase ? text.toLowerCase() : text);
  // Git tries the resolved path first, then the one it was given: both spellings of a linked home folder work.
  return [realPathOf(gitDirectory), gitDirectory].some(
    (path) => fold(path).startsWith(fold(literal)) && matcher.test(path.slice(literal.length)),
  );
}

/** Also of a repository that is yet to be made: of its folders those count that are there. */
function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    return join(realPathOf(dirname(path)), basename(path));
  }
}

function withTrailing(pattern: string): string {
  return pattern.endsWith("/") ? `${pattern}**` : pattern;
}

/** Git's wildmatch with WM_PATHNAME: `*` and `?` stop at a slash, `**` between slashes does not. */
function pathPattern(pattern: string, ignoreCase: boolean): RegExp {
  const source = pattern.replaceAll(
    /(^|\/)\*\*\/|(^|\/)\*\*$|\*+|\?|\[!?\]?[^\]]*\]|\\[^]|[^]/g,
    (piece: string, before: string | undefined, last: string | undefined) => {
      if (before !== undefined) return `${before}(?:.*/)?`;
      if (last !== undefined) return `${last}.*`;
      if (piece.startsWith("*")) return "[^/]*";
      if (piece === "?") return "[^/]";
      if (piece.length > 1 && piece.startsWith("[")) return bracket(piece);
      return escape(piece.startsWith("\\") && piece.length > 1 ? piece.slice(1) : piece);
    },
  );
  return new RegExp(`^${source}$`, ignoreCase ? "is" : "s");
}

function bracket(piece: string): string {
  const negated = piece[1] === "!" || piece[1] === "^";
  const set = piece.slice(negated ? 2 : 1, -1).replaceAll(/[\\\][^]/g, String.raw`\$&`);
  return `(?!/)[${negated ? "^" : ""}${set}]`;
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
}
