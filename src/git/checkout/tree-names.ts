/**
 * Brings the work tree from one tree to another, file by file, without ever overwriting what it has not recognised.
 * This folder owns the writes into the user's files and the journal that tells an interrupted checkout's own work
 * from the user's. It must not know remotes, merges, schedules or who asked.
 *
 * This file: which names of a tree may be written. Trees come from other people; a name that some file system takes
 * for `.git`, for a parent folder or for a device must not get there (git's verify_path with core.protectHFS and
 * core.protectNTFS, both always on).
 */
import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import type { FileMode, RepoPath, TreeEntry } from "../model.ts";
import { MODE } from "../model.ts";
import { displayPath, joinPath } from "../paths.ts";
import { isForbiddenName } from "../worktree/forbidden-names.ts";

export type NameRules = {
  /** Windows: device names, its forbidden characters, trailing dots and blanks; `\` separates. */
  readonly windows: boolean;
  /** `core.ignoreCase`: two names that differ only in case cannot both be written. */
  readonly ignoreCase: boolean;
};

/** Tells whether one entry of a tree may be written under its name. */
export function isWritableName(name: RepoPath, mode: FileMode, rules: NameRules): boolean {
  if (name.includes("/") || isForbiddenName(name)) return false;
  // `a\.git\config` is one name here and a path on Windows.
  if (
    name
      .split("\\")
      .slice(1)
      .some((part) => isNtfsDotGit(part))
  )
    return false;
  if (mode === MODE.symlink && isDotGitmodules(name)) return false;
  return !rules.windows || isWindowsName(name);
}

/**
 * Checks the entries of one tree that is about to be written.
 * @throws LullError `TREE_NAME_FORBIDDEN` (kind `unsafe`); also when a name is there twice, as in `s` (link) and `s`
 *   (folder), which is how a link comes to lead the folder's files out of the repository
 */
export function checkTreeNames(directory: RepoPath, entries: readonly TreeEntry[], rules: NameRules): void {
  const seen = new Set<string>();
  for (const { name, mode } of entries) {
    if (!isWritableName(name, mode, rules))
      throw forbidden(joinPath(directory, name), refusal(name, mode, rules));
    const key = rules.ignoreCase ? foldCase(name) : name;
    if (seen.has(key)) {
      throw forbidden(
        joinPath(directory, name),
        rules.ignoreCase ? "two names differ only in case" : "the name is there twice",
      );
    }
    seen.add(key);
  }
}

/** A name that only this system can not hold is no attack: the words must not sound as if it were one. */
function refusal(name: RepoPath, mode: FileMode, rules: NameRules): string {
  return rules.windows && isWritableName(name, mode, { ...rules, windows: false })
    ? "Windows can not hold this name"
    : "no such name may be written";
}

function foldCase(name: RepoPath): string {
  return displayPath(name).normalize("NFC").toLowerCase();
}

/** As git's is_ntfs_dotgit. */
function isNtfsDotGit(name: string): boolean {
  return /^(?:\.git|git~1)[. ]*(?:[:\\].*)?$/is.test(name);
}

/** `.gitmodules` as a link would be read outside the repository; HFS+ ignores characters in it, NTFS has short names. */
function isDotGitmodules(name: string): boolean {
  const onHfs = name.replaceAll(/\xe2\x80[\x8c-\x8f\xaa-\xae]|\xe2\x81[\xaa-\xaf]|\xef\xbb\xbf/g, "");
  return onHfs.toLowerCase() === ".gitmodules" || NTFS_DOT_GITMODULES.test(name);
}

const NTFS_DOT_GITMODULES =
  /^(?:\.gitmodules|gitmod~[1-4]|gi7eba~[1-9]|gi7eb~[1-9]\d|gi7e~[1-9]\d{2}|gi7~[1-9]\d{3}|gi~[1-9]\d{4}|g~[1-9]\d{5}|~[1-9]\d{6})[. ]*(?::.*)?$/is;

const DEVICE =
  /^(?:con|prn|aux|nul|com[1-9\xb9\xb2\xb3]|lpt[1-9\xb9\xb2\xb3]|conin\$|conout\$) *(?:[.:].*)?$/is;

function isWindowsName(name: string): boolean {
  return !/[\u0000-\u001f<>:"|?*\\]/.test(name) && !/[. ]$/.test(name) && !DEVICE.test(name);
}

function forbidden(path: RepoPath, why: string): LullError {
  const shown = safeText(displayPath(path));
  return new LullError({
    kind: "unsafe",
    code: "TREE_NAME_FORBIDDEN",
    message: `the incoming commit holds ${JSON.stringify(shown)}, which cannot be checked out here: ${why}`,
    hint: "nothing was written; rename it on a device that has it (`guards: { names: leave-out }` there keeps such names out), and be wary of its author if the name is a disguise of .git",
    data: { path: shown },
  });
}
