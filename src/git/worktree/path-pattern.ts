/** One pattern of an ignore or attributes file, parsed and matched as git's dir.c does it. */
import { wildmatch } from "./wildmatch.ts";
import type { RepoPath } from "../model.ts";

export type PathPattern = {
  readonly text: string;
  readonly isNegative: boolean;
  readonly directoryOnly: boolean;
  /** Without a slash it is compared with the last name only. */
  readonly nameOnly: boolean;
  /** How many bytes at the start are literal. */
  readonly literalLength: number;
  /** `*` and then only literal bytes: compared with the end. */
  readonly isSuffix: boolean;
};

const WILDCARD = /[*?[\\]/;

export function parsePathPattern(source: string): PathPattern {
  const isNegative = source.startsWith("!");
  const unsigned = isNegative ? source.slice(1) : source;
  const directoryOnly = unsigned.endsWith("/");
  const text = directoryOnly ? unsigned.slice(0, -1) : unsigned;
  const wildcard = text.search(WILDCARD);
  return {
    text,
    isNegative,
    directoryOnly,
    nameOnly: !text.includes("/"),
    literalLength: wildcard < 0 ? text.length : wildcard,
    isSuffix: text.startsWith("*") && !WILDCARD.test(text.slice(1)),
  };
}

/**
 * Matches everything but the pattern's `directoryOnly`.
 * @param directory where the pattern's file lies ("" for the top); `path` must be given from the top
 */
export function matchesPath(
  pattern: PathPattern,
  path: RepoPath,
  directory: RepoPath,
  ignoreCase: boolean,
): boolean {
  return pattern.nameOnly
    ? matchesName(pattern, path.slice(path.lastIndexOf("/") + 1), ignoreCase)
    : matchesBelow(pattern, path, directory, ignoreCase);
}

function matchesName(pattern: PathPattern, name: string, ignoreCase: boolean): boolean {
  const { text, literalLength, isSuffix } = pattern;
  if (literalLength === text.length) return sameBytes(text, name, ignoreCase);
  if (isSuffix) {
    const from = name.length - (text.length - 1);
    return from >= 0 && sameBytes(text.slice(1), name.slice(from), ignoreCase);
  }
  return wildmatch(text, name, { pathname: false, ignoreCase });
}

function matchesBelow(
  pattern: PathPattern,
  path: RepoPath,
  directory: RepoPath,
  ignoreCase: boolean,
): boolean {
  const skipped = directory === "" ? 0 : directory.length + 1;
  if (path.length < skipped) return false;
  if (directory !== "" && !sameBytes(`${directory}/`, path.slice(0, skipped), ignoreCase)) return false;
  const anchored = pattern.text.startsWith("/") ? 1 : 0;
  const text = pattern.text.slice(anchored);
  const literal = pattern.literalLength - anchored;
  const name = path.slice(skipped);
  if (literal > name.length) return false;
  if (literal > 0 && !sameBytes(text.slice(0, literal), name.slice(0, literal), ignoreCase)) return false;
  if (literal === text.length && literal > 0) return name.length === literal;
  return wildmatch(text.slice(Math.max(0, literal)), name.slice(Math.max(0, literal)), {
    pathname: true,
    ignoreCase,
  });
}

function sameBytes(a: string, b: string, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && a.length === b.length && lowerAscii(a) === lowerAscii(b));
}

/** Bytes above 127 stay: they are parts of characters, not letters. */
export function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
