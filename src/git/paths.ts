/** Repository paths (raw bytes, see `model.ts`) to and from file-system paths and text. */
import type { RepoPath } from "./model.ts";

const ASCII = /^[\u0000-\u007f]*$/;

/**
 * Returns what Node's fs functions take: a string where that is lossless, else the raw bytes. `root` is an
 * absolute path of the file system, without a trailing slash.
 */
export function toFsPath(root: string, path: RepoPath): string | Buffer {
  if (path === "") return root;
  if (ASCII.test(path)) return `${root}/${path}`;
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, "latin1")]);
}

/** Returns the path as text for people and for JSON. Bytes that are no UTF-8 show as U+FFFD. */
export function displayPath(path: RepoPath): string {
  return ASCII.test(path) ? path : Buffer.from(path, "latin1").toString("utf8");
}

/** Returns the repository path of a name given as text (config, command line, tests). */
export function repoPath(text: string): RepoPath {
  return ASCII.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** Returns the folder of a path; "" for the top. */
export function parentPath(path: RepoPath): RepoPath {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

export function baseName(path: RepoPath): RepoPath {
  return path.slice(path.lastIndexOf("/") + 1);
}

export function joinPath(directory: RepoPath, name: RepoPath): RepoPath {
  return directory === "" ? name : `${directory}/${name}`;
}
