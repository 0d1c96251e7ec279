/**
 * Git changes the index first and HEAD a moment later, when it switches branches as well as when it begins a rebase.
 * Whoever looked at HEAD before it held the index must look again, or it commits the files of one branch to another.
 */
import { LullError } from "../../base/errors.ts";
import { unfinishedOperation } from "./busy-signs.ts";
import { resolveRef } from "./ref-store.ts";
import type { Head } from "./repository-state.ts";

/**
 * For the holder of the index: is HEAD still where the work began, and has nothing been begun meanwhile?
 * @throws LullError `REF_CHANGED`, `REPOSITORY_BUSY`
 */
export function refuseMovedHead(gitDirectory: string, head: Head): void {
  const operation = unfinishedOperation(gitDirectory);
  if (operation !== undefined) {
    const { reason: message, hint } = operation;
    throw new LullError({ kind: "unsafe", code: "REPOSITORY_BUSY", message, hint });
  }
  const now = resolveRef(gitDirectory, "HEAD");
  refuseOtherPlace({ branch: now.name, commit: now.oid }, head);
}

/** @throws LullError `REF_CHANGED` */
export function refuseOtherPlace(now: Head, expected: Head): void {
  if (now.branch !== expected.branch) throw headMoved(expected.branch, now.branch);
  if (now.commit === expected.commit) return;
  throw refMoved(expected.branch, expected.commit ?? "missing", now.commit ?? "missing");
}

export function refMoved(name: string, expected: string, actual: string): LullError {
  return changed(name, `${name} moved meanwhile: it is ${actual}, not ${expected}`, { expected, actual });
}

export function headMoved(branch: string, now: string): LullError {
  const where = now === "HEAD" ? "on no branch" : `on ${now}`;
  return changed(branch, `another branch was checked out meanwhile: HEAD is ${where}, not on ${branch}`, {});
}

function changed(ref: string, message: string, data: Readonly<Record<string, string>>): LullError {
  return new LullError({
    kind: "failed",
    code: "REF_CHANGED",
    message,
    hint: "run the command again; it starts from what is there now",
    data: { ref, ...data },
  });
}
