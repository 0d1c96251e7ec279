/**
 * Ignore rules exactly as git has them (gitignore(5)). A scope is what is in force in one folder; the walk makes
 * one for each folder it enters, and never enters a folder that is ignored, so nothing below can come back.
 */
import { commonDirectory } from "../refs/common-directory.ts";
import { parsePathPattern } from "./path-pattern.ts";
import { readRuleFile } from "./rule-file.ts";
import { RuleIndex } from "./rule-index.ts";
import type { PathPattern } from "./path-pattern.ts";
import type { RepoPath } from "../model.ts";

export type IgnoreScope = {
  /** The next scope to ask when none of these patterns matches. */
  readonly outer: IgnoreScope | undefined;
  readonly patterns: readonly PathPattern[];
  readonly index: RuleIndex;
};

export type OuterRules = {
  readonly gitDirectory: string;
  /** `core.excludesFile`, resolved; undefined when there is none. */
  readonly excludesFile: string | undefined;
};

/** Reads the rules from outside the work tree, the weakest first. Links are followed, as in git. */
export function outerRuleTexts(rules: OuterRules): readonly (string | undefined)[] {
  return [rules.excludesFile, `${commonDirectory(rules.gitDirectory)}/info/exclude`].map((file) =>
    file === undefined ? undefined : readRuleFile(file, "follow"),
  );
}

/** @param texts of `outerRuleTexts` */
export function outerIgnoreScope(
  texts: readonly (string | undefined)[],
  ignoreCase: boolean,
): IgnoreScope | undefined {
  let scope: IgnoreScope | undefined;
  for (const text of texts) scope = ignoreScope(scope, { directory: "", ignoreCase }, text);
  return scope;
}

/**
 * Returns the scope of a folder inside `outer`.
 * @param place where the patterns' file lies; they match below it only
 * @param text the folder's `.gitignore`, or undefined when there is none
 */
export function ignoreScope(
  outer: IgnoreScope | undefined,
  place: { readonly directory: RepoPath; readonly ignoreCase: boolean },
  text: string | undefined,
): IgnoreScope | undefined {
  if (text === undefined) return outer;
  const patterns = parseIgnoreFile(text);
  return patterns.length === 0 ? outer : { outer, patterns, index: new RuleIndex(patterns, place) };
}

/**
 * True when the rules exclude a path whose parent folder is not excluded itself.
 * @param isDirectory false for a symlink to a folder
 */
export function isIgnored(scope: IgnoreScope | undefined, path: RepoPath, isDirectory: boolean): boolean {
  for (let at = scope; at !== undefined; at = at.outer) {
    const pattern = at.patterns[at.index.last(path, isDirectory)];
    if (pattern !== undefined) return !pattern.isNegative;
  }
  return false;
}

export function parseIgnoreFile(text: string): PathPattern[] {
  const patterns: PathPattern[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#")) continue;
    const withoutReturn = line.endsWith("\r") ? line.slice(0, -1) : line;
    // Git reads lines as C strings.
    const nul = withoutReturn.indexOf("\0");
    const source = trimTrailingSpaces(nul < 0 ? withoutReturn : withoutReturn.slice(0, nul));
    const pattern = parsePathPattern(source);
    if (pattern.text !== "") patterns.push(pattern);
  }
  return patterns;
}

/** Trailing spaces do not count, unless a backslash keeps one. */
function trimTrailingSpaces(line: string): string {
  let end = line.length;
  while (end > 0 && line[end - 1] === " ") end--;
  if (end === line.length) return line;
  let backslashes = 0;
  while (backslashes < end && line[end - 1 - backslashes] === "\\") backslashes++;
  return backslashes % 2 === 1 ? line.slice(0, end + 1) : line.slice(0, end);
}
