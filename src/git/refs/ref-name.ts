/**
 * What may be the name of a ref, and how such names become paths. Names are text. A byte that is no UTF-8 stands in
 * the text as a lone surrogate (U+DC80 to U+DCFF), so that every name on disk has exactly one text and comes back
 * unchanged; such names are legal in git, and forgetting one would make its commits look unreachable.
 */

import { directoryOf } from "./common-directory.ts";

/** All in one expression: a repository may have 50,000 names, and each is judged whenever they are listed. */
const FORBIDDEN = /[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|^\/|\/\/|\/$|(?:^|\/)\.|\.lock(?:\/|$)|\.$/;

/**
 * Tells whether a full ref name is well formed, by exactly the rules of `git check-ref-format` (at least two
 * components). `HEAD` and its like are not; see `isRootRef`.
 */
export function isRefName(name: string): boolean {
  return name.includes("/") && hasValidParts(name);
}

/** As `git check-ref-format --branch` without its expansions: may this be a branch, as `main` in `refs/heads/main`? */
export function isBranchName(name: string): boolean {
  return name !== "HEAD" && !name.startsWith("-") && hasValidParts(`refs/heads/${name}`);
}

/** Tells whether a name may stand directly in the git directory: `HEAD`, `MERGE_HEAD` and the like. */
export function isRootRef(name: string): boolean {
  return /^[A-Z][A-Z_]*$/.test(name);
}

/** Returns the text of a name read from disk as latin1. */
export function refNameFromBytes(latin1: string): string {
  if (!/[\u0080-\u00ff]/.test(latin1)) return latin1;
  const text = Buffer.from(latin1, "latin1").toString("utf8");
  if (Buffer.from(text, "utf8").toString("latin1") === latin1) return text;
  return latin1.replaceAll(/[\u0080-\u00ff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)));
}

/** The opposite of `refNameFromBytes`. */
export function refNameToBytes(name: string): string {
  if (name.isWellFormed()) return Buffer.from(name, "utf8").toString("latin1");
  return name.replaceAll(/[\udc80-\udcff]/g, (byte) => String.fromCharCode(byte.charCodeAt(0) - 0xdc00));
}

/** Returns the path of a loose ref (or, with `logs/` before the name, of its reflog). */
export function refPath(gitDirectory: string, name: string): string | Buffer {
  const directory = directoryOf(gitDirectory, name);
  if (name.isWellFormed()) return `${directory}/${name}`;
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(refNameToBytes(name), "latin1")]);
}

function hasValidParts(name: string): boolean {
  return name !== "" && !FORBIDDEN.test(name);
}
