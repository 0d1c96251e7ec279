import type { RepoPath } from "../../git/model.ts";
import { baseName, joinPath, parentPath, repoPath } from "../../git/paths.ts";

export type ConflictNames = {
  readonly device: string;
  /** Local time as in `commit-message.ts`: `20260301-140512`. */
  readonly stamp: string;
};

/** `notes/plan.md` → `notes/plan.conflict-laptop-20260301-140512.md`; a dot file keeps its leading dot. */
export function conflictCopyPath(path: RepoPath, names: ConflictNames): RepoPath {
  const name = baseName(path);
  const dot = name.lastIndexOf(".");
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const extension = dot > 0 ? name.slice(dot) : "";
  const device = names.device.replaceAll(/[^A-Za-z0-9._-]+/g, "-");
  const mark = repoPath(`.conflict-${device}-${names.stamp}`);
  const room = LONGEST_NAME - mark.length - extension.length;
  return joinPath(parentPath(path), cutBytes(stem, room) + mark + extension);
}

/** In bytes; what common file systems take. */
const LONGEST_NAME = 255;

/** Cuts at a UTF-8 border: half a character would make the name unreadable on macOS. */
function cutBytes(text: RepoPath, length: number): RepoPath {
  let end = Math.min(text.length, length);
  while (end < text.length && end > 0 && (text.charCodeAt(end) & 0xc0) === 0x80) end--;
  return text.slice(0, end);
}

const COPY = /\.conflict-[A-Za-z0-9._-]+-\d{8}-\d{6}(?:-\d+)?(\.[^/.]*)?$/;

/** Whether a name is one that `conflictCopyPath` gives, numbered or not. */
export function isConflictCopy(path: RepoPath): boolean {
  return COPY.test(baseName(path));
}

/** The path of which it is a copy, or the path itself: what a name says of a file, it says of its copies. */
export function withoutConflictMark(path: RepoPath): RepoPath {
  const name = baseName(path);
  return joinPath(parentPath(path), name.replace(COPY, "$1"));
}
