/**
 * Which trees lull may have begun to write into the work tree. A checkout that was cut off leaves some files of the
 * new tree beside old ones; without this note the next scan would take them for the user's edits and commit them.
 */
import { readFileSync, rmSync } from "node:fs";

import { makePrivateDirectory, syncDirectory, writeFileAtomic } from "../../base/atomic-file.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import { mayExist } from "../../base/may-exist.ts";
import type { Oid } from "../model.ts";
import { isOid } from "../objects/hash-object.ts";

export type CheckoutJournal = {
  /** Full name of the branch that was to move. */
  readonly branch: string;
  /** Its commit before; null while it had none. */
  readonly from: Oid | null;
  /** Trees, oldest first; the last is that of the latest attempt. */
  readonly trees: readonly Oid[];
  /** The commit whose files all stand in the work tree, durably: only index and branch are to follow. */
  readonly complete?: Oid | undefined;
};

/** More attempts than this on one branch without a single success are not worth telling apart. */
const MOST_TREES = 16;

/** Returns undefined when no checkout is unfinished; a file that makes no sense counts as none. */
export function readJournal(gitDirectory: string): CheckoutJournal | undefined {
  if (!mayExist(journalPath(gitDirectory))) return undefined;
  let text: string;
  try {
    text = readFileSync(journalPath(gitDirectory), "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return undefined;
    throw fromSystem(error, `read ${journalPath(gitDirectory)}`);
  }
  return parse(text);
}

/**
 * The trees whose files may stand in the work tree as lull's own unfinished work: a scan must not take a file that
 * equals one of them (and is otherwise a change) for an edit of the user.
 */
export function pendingTrees(gitDirectory: string, branch: string): readonly Oid[] {
  const journal = readJournal(gitDirectory);
  return journal?.branch === branch ? journal.trees : [];
}

/** Notes, durably, that a checkout is about to write. */
export function writeJournal(gitDirectory: string, journal: CheckoutJournal): void {
  const temporaryDirectory = `${gitDirectory}/lull/tmp`;
  makePrivateDirectory(temporaryDirectory);
  const trees = [...new Set(journal.trees.toReversed())].slice(0, MOST_TREES).reverse();
  const text = `${JSON.stringify({ version: 1, ...journal, trees })}\n`;
  writeFileAtomic(journalPath(gitDirectory), text, { temporaryDirectory, mode: 0o600 });
}

/** Notes that nothing is unfinished any more. */
export function clearJournal(gitDirectory: string): void {
  try {
    rmSync(journalPath(gitDirectory), { force: true });
    syncDirectory(`${gitDirectory}/lull`);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return;
    throw fromSystem(error, `remove ${journalPath(gitDirectory)}`);
  }
}

function journalPath(gitDirectory: string): string {
  return `${gitDirectory}/lull/checkout.json`;
}

function parse(text: string): CheckoutJournal | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const { branch, from, trees, complete } = value as Readonly<Record<string, unknown>>;
  const isValid =
    typeof branch === "string" &&
    (from === null || isOidText(from)) &&
    Array.isArray(trees) &&
    trees.every(isOidText);
  if (!isValid) return undefined;
  return { branch, from, trees, complete: isOidText(complete) ? complete : undefined };
}

function isOidText(value: unknown): value is Oid {
  return typeof value === "string" && isOid(value);
}
