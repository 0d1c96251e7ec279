/**
 * With `squash: true`: lull's own commits that no push has offered to a remote yet, oldest first, in
 * `<gitdir>/lull/unsent-commits.json`. Emptied before a push begins: whether a push arrived is not always known, and
 * what a remote may have is never made anew. A file that makes no sense counts as empty.
 */
import { makePrivateDirectory, writeFileAtomic } from "../../base/atomic-file.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import { readSmallFile } from "../../base/small-file.ts";
import type { Oid } from "../../git/model.ts";

/** A commit a minute for a week without a remote; older ones stay as they are. */
const MOST = 10_000;
const LARGEST = 1024 * 1024;

export function readUnsent(gitDirectory: string): readonly Oid[] {
  const file = unsentPath(gitDirectory);
  try {
    return parse(readSmallFile(file, LARGEST)?.toString("utf8") ?? "");
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return [];
    throw fromSystem(error, `read ${file}`);
  }
}

/** The caller holds the source's lock. */
export function writeUnsent(gitDirectory: string, commits: readonly Oid[]): void {
  const temporaryDirectory = `${gitDirectory}/lull/tmp`;
  makePrivateDirectory(temporaryDirectory);
  const text = `${JSON.stringify({ version: 1, commits: commits.slice(-MOST) })}\n`;
  writeFileAtomic(unsentPath(gitDirectory), text, { temporaryDirectory, mode: 0o600 });
}

function unsentPath(gitDirectory: string): string {
  return `${gitDirectory}/lull/unsent-commits.json`;
}

function parse(text: string): readonly Oid[] {
  try {
    const { version, commits } = JSON.parse(text) as Record<string, unknown>;
    return version === 1 && isOids(commits) ? commits : [];
  } catch {
    return [];
  }
}

function isOids(value: unknown): value is readonly Oid[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string" && /^[0-9a-f]{40}$/.test(one));
}
