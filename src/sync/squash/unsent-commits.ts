/**
 * With `squash: true`: lull's own commits that no push has offered to a remote yet, oldest first, in
 * `<gitdir>/lull/unsent-commits.json`. Emptied before a push begins: whether a push arrived is not always known, and
 * what a remote may have is never made anew. A file that makes no sense counts as empty.
 */
import type { Oid } from "../../git/model.ts";
import { readSideFile, type SideFile, writeSideFile } from "../../base/side-file.ts";

/** A commit a minute for a week without a remote; older ones stay as they are. */
const MOST = 10_000;

export function readUnsent(gitDirectory: string): readonly Oid[] {
  const { version, commits } = readSideFile(unsentFile(gitDirectory)) ?? {};
  return version === 1 && isOids(commits) ? commits : [];
}

/** The caller holds the source's lock. */
export function writeUnsent(gitDirectory: string, commits: readonly Oid[]): void {
  const text = `${JSON.stringify({ version: 1, commits: commits.slice(-MOST) })}\n`;
  writeSideFile(unsentFile(gitDirectory), text);
}

function unsentFile(gitDirectory: string): SideFile {
  return { gitDirectory, name: "unsent-commits.json", largest: 1024 * 1024 };
}

function isOids(value: unknown): value is readonly Oid[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string" && /^[0-9a-f]{40}$/.test(one));
}
