/** The reflog: one line for each move of a ref, in `logs/<ref>`; what `git reflog` and `git gc` read. */
import { closeSync, fsyncSync, mkdirSync, openSync, statSync } from "node:fs";

import { writeFully } from "../../base/atomic-file.ts";
import { fromSystem, systemCode } from "../../base/errors.ts";
import type { Oid, Signature } from "../model.ts";
import { ZERO_OID } from "../model.ts";
import { removeEmptyDirectories } from "./empty-directories.ts";
import { refPath } from "./ref-name.ts";

/**
 * Which refs get a log, from `core.logAllRefUpdates`: `usual` (true; the default outside bare repositories) means
 * branches, remote branches, notes and HEAD; `existing` (false; the default in bare ones) only logs that are there.
 */
export type ReflogPolicy = "usual" | "always" | "existing";

export type ReflogEntry = {
  readonly who: Signature;
  readonly message: string;
  readonly policy: ReflogPolicy;
};

/** Appends one line to the log of a ref, if the policy asks for it. */
export function appendReflog(
  gitDirectory: string,
  name: string,
  move: { readonly from: Oid | undefined; readonly to: Oid | undefined },
  entry: ReflogEntry,
): void {
  const path = refPath(gitDirectory, `logs/${name}`);
  if (!isLogged(name, entry.policy) && statSync(path, { throwIfNoEntry: false }) === undefined) return;
  const line = `${move.from ?? ZERO_OID} ${move.to ?? ZERO_OID} ${person(entry.who)}${message(entry.message)}\n`;
  try {
    const handle = openForAppend(gitDirectory, name);
    try {
      writeFully(handle, Buffer.from(line));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw fromSystem(error, `write the log of ${name}`);
  }
}

function isLogged(name: string, policy: ReflogPolicy): boolean {
  if (policy === "always") return true;
  return policy === "usual" && (name === "HEAD" || /^refs\/(?:heads|remotes|notes)\//.test(name));
}

function openForAppend(gitDirectory: string, name: string): number {
  const path = refPath(gitDirectory, `logs/${name}`);
  for (let attempt = 1; ; attempt++) {
    try {
      return openSync(path, "a", 0o666);
    } catch (error) {
      const code = systemCode(error);
      if (attempt > 3) throw error;
      if (code === "ENOENT") {
        const parent = `logs/${name}`.slice(0, `logs/${name}`.lastIndexOf("/"));
        mkdirSync(refPath(gitDirectory, parent), { recursive: true });
      } else if (code !== "EISDIR" || !removeEmptyDirectories(path)) throw error;
    }
  }
}

function person({ name, email, seconds, offsetMinutes }: Signature): string {
  const minutes = Math.abs(offsetMinutes);
  const zone = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, "0");
  return `${clean(name)} <${clean(email)}> ${seconds} ${offsetMinutes < 0 ? "-" : "+"}${zone}`;
}

/** Angle brackets and line breaks in a name would break the line for its readers. */
function clean(text: string): string {
  return text.replaceAll(/[<>\u0000-\u001f]/g, "").trim();
}

function message(text: string): string {
  const oneLine = text.replaceAll(/\s+/g, " ").trim();
  return oneLine === "" ? "" : `\t${oneLine}`;
}
