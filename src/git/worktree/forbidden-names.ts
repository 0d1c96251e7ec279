/**
 * Names that must never get into a tree: some file system would take them for `.git`, and with it for config and
 * hooks of the one who checks it out (CVE-2014-9390, CVE-2019-1352, CVE-2021-21300).
 */
import { MODE } from "../model.ts";
import type { FileMode, RepoPath } from "../model.ts";

/** True for one name of a path, without slashes. */
export function isForbiddenName(name: RepoPath): boolean {
  if (name === "" || name === "." || name === ".." || name.includes("\0")) return true;
  // Nearly all names end here.
  if (!/[gG]/.test(name)) return false;
  return isDotGit(withoutIgnorables(name)) || isNtfsDotGit(name);
}

/** True when any part of the path is forbidden, or when `.gitmodules` would be a link (CVE-2018-11235). */
export function isForbiddenPath(path: RepoPath, mode?: FileMode): boolean {
  const names = path.split("/");
  if (names.some(isForbiddenName)) return true;
  if (mode !== MODE.symlink) return false;
  return withoutIgnorables(names.at(-1) ?? "").toLowerCase() === ".gitmodules";
}

function isDotGit(name: string): boolean {
  return name.toLowerCase() === ".git";
}

/** NTFS drops trailing dots and spaces, knows streams (`.git::$INDEX_ALLOCATION`), and has short names. */
function isNtfsDotGit(name: string): boolean {
  return /^(?:\.git|git~1)[. ]*(?:[:\\].*)?$/is.test(name);
}

/** Characters that HFS+ ignores in names, in UTF-8: U+200C-200F, U+202A-202E, U+206A-206F, U+FEFF. */
const IGNORABLE = /\xe2\x80[\x8c-\x8f\xaa-\xae]|\xe2\x81[\xaa-\xaf]|\xef\xbb\xbf/g;

function withoutIgnorables(name: string): string {
  return name.replaceAll(IGNORABLE, "");
}
