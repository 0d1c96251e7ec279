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
  /** The literal start without the slash that anchors, and all that follows it. */
  readonly prefix: string;
  readonly rest: string;
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
  const literalLength = wildcard < 0 ? text.length : wildcard;
  return {
    text,
    isNegative,
    directoryOnly,
    nameOnly: !text.includes("/"),
    literalLength,
    prefix: text.slice(text.startsWith("/") ? 1 : 0, literalLength),
    rest: text.slice(literalLength),
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
  const start = directory === "" ? 0 : directory.length + 1;
  if (directory !== "" && !startsWith(path, `${directory}/`, { at: 0, ignoreCase })) return false;
  const { prefix, rest } = pattern;
  if (!startsWith(path, prefix, { at: start, ignoreCase })) return false;
  const end = start + prefix.length;
  if (rest === "") return path.length === end;
  return wildmatch(rest, path.slice(end), { pathname: true, ignoreCase });
}

function startsWith(
  path: string,
  start: string,
  { at, ignoreCase }: { readonly at: number; readonly ignoreCase: boolean },
): boolean {
  if (path.startsWith(start, at)) return true;
  return ignoreCase && sameBytes(path.slice(at, at + start.length), start, ignoreCase);
}

function sameBytes(a: string, b: string, ignoreCase: boolean): boolean {
  return a === b || (ignoreCase && a.length === b.length && lowerAscii(a) === lowerAscii(b));
}

/** Bytes above 127 stay: they are parts of characters, not letters. */
export function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}
