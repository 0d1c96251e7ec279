import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";

/**
 * Returns the commit that is checked out, read from `.git` without git; undefined outside a repository, e.g. in an
 * unpacked source archive.
 */
export function checkedOutCommit(root: string): string | undefined {
  const dotGit = join(root, ".git");
  if (!existsSync(dotGit)) return undefined;
  const directory = statSync(dotGit).isDirectory() ? dotGit : linkedDirectory(root, dotGit);
  const head = readOr(join(directory, "HEAD"));
  const ref = /^ref: (.+)$/m.exec(head)?.[1];
  if (ref === undefined) return asOid(head);
  // A linked work tree keeps its branches in the main repository.
  const common = resolve(directory, readOr(join(directory, "commondir")).trim() || ".");
  const packed = readOr(join(common, "packed-refs"))
    .split("\n")
    .find((line) => line.endsWith(` ${ref}`));
  return asOid(readOr(join(common, ref))) ?? asOid(packed ?? "");
}

function linkedDirectory(root: string, file: string): string {
  return resolve(root, /^gitdir: (.+)$/m.exec(readOr(file))?.[1] ?? ".git");
}

function asOid(text: string): string | undefined {
  return /^[0-9a-f]{40}(?:[0-9a-f]{24})?(?=\s|$)/.exec(text)?.[0];
}

function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
