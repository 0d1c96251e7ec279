/** The top folder of a work tree: when it is gone, that never means that everything in it was deleted. */
import { LullError, systemCode } from "../../base/errors.ts";
import { statPath } from "./stat.ts";
import type { FileStat } from "./stat.ts";

/** @throws LullError `FOLDER_MISSING` (kind `guard`) */
export function rootStat(root: string): FileStat {
  let stat: FileStat | undefined;
  try {
    // With the dot the folder may itself be reached through a link, and a file in its place is "nothing".
    stat = statPath(`${root}/.`);
  } catch (error) {
    throw folderMissing(root, `can not be read (${systemCode(error) ?? "unknown"})`, error);
  }
  if (stat === undefined) throw folderMissing(root, "is missing or is no folder");
  return stat;
}

/** Throws when another folder stands there now: a disk that was unmounted leaves an empty one behind. */
export function checkSameRoot(root: string, before: FileStat): void {
  const { data } = rootStat(root);
  if (data.inode === before.data.inode && data.device === before.data.device) return;
  throw folderMissing(root, "was replaced by another one meanwhile");
}

export function folderMissing(root: string, why: string, cause?: unknown): LullError {
  return new LullError({
    kind: "guard",
    code: "FOLDER_MISSING",
    message: `the folder ${root} ${why}`,
    hint: "mount or restore it, or remove the source from the config; nothing was changed",
    data: { path: root },
    cause,
  });
}
