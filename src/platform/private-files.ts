import { lstatSync, realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { fromSystem, LullError, systemCode } from "../base/errors.ts";
import type { System } from "./system.ts";

export type PrivacyCheck = {
  readonly system: System;
  /** The user that lull runs as; undefined on Windows. */
  readonly userId: number | undefined;
};

/**
 * Refuses a config, state or key file that somebody else could have written: whoever can write it decides what lull
 * does with the user's files. A link is fine (dotfile managers make them); then link and target are both checked,
 * and the folder of each. What does not exist yet is fine too. Windows has no such bits: nothing is checked there.
 *
 * Throws `UNSAFE_PERMISSIONS` (kind `config`) with the command that mends it.
 */
export function assertPrivate(path: string, what: string, check: PrivacyCheck): void {
  if (check.system === "windows" || check.userId === undefined) return;
  const seen = new Set<string>();
  for (const place of [path, realPath(path)]) {
    if (place === undefined) continue;
    for (const checked of [place, dirname(place)]) {
      if (seen.has(checked)) continue;
      seen.add(checked);
      assertOwn(checked, { what: checked === place ? what : `the folder of ${what}`, userId: check.userId });
    }
  }
}

const OTHERS_WRITE = 0o022;
const STICKY = 0o1000;

function assertOwn(path: string, check: { readonly what: string; readonly userId: number }): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return;
  // Root may write everywhere anyway; a file of another plain user is never ours to obey.
  if (stat.uid !== check.userId && stat.uid !== 0) {
    throw unsafe({
      ...check,
      path,
      why: `belongs to user ${stat.uid}`,
      mend: `chown ${check.userId} ${quoted(path)}`,
    });
  }
  if (stat.isSymbolicLink()) return;
  // In a sticky folder (/tmp) others can add files but not replace this one.
  const writable = (stat.mode & OTHERS_WRITE) !== 0 && !(stat.isDirectory() && (stat.mode & STICKY) !== 0);
  if (writable)
    throw unsafe({
      ...check,
      path,
      why: "can be written by other users",
      mend: `chmod go-w ${quoted(path)}`,
    });
}

function realPath(path: string): string | undefined {
  try {
    statSync(path);
    return realpathSync(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "")) return undefined;
    throw fromSystem(error, `look at ${path}`);
  }
}

function unsafe(found: {
  readonly what: string;
  readonly path: string;
  readonly why: string;
  readonly mend: string;
}): LullError {
  return new LullError({
    kind: "config",
    code: "UNSAFE_PERMISSIONS",
    message: `${found.what} ${found.path} ${found.why}; lull does not obey it`,
    hint: `look what is in it, then run: ${found.mend}`,
    data: { path: found.path },
  });
}

function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", String.raw`'\''`)}'`;
}
