import { lstatSync, statSync } from "node:fs";

import { fromSystem, LullError, systemCode } from "../base/errors.ts";
import { registerSecret } from "../base/redact.ts";
import { readSmallFile } from "../base/small-file.ts";
import { assertPrivate, type PrivacyCheck } from "./private-files.ts";

/** No token, password or key of a webhook is longer. */
const LONGEST_SECRET = 64 * 1024;

const OTHERS = 0o077;

/**
 * Reads a password or token that lies in a file of its own; blank ends of lines at its end do not count. Refuses a file
 * that others can read (they know the secret then) or write.
 *
 * Throws `SECRET_MISSING`, `SECRET_EMPTY`, `SECRET_EXPOSED`, `UNSAFE_PERMISSIONS` (kind `config`) or the system's error;
 * no message holds a byte of the file.
 * @param what for the error's words: `the password of the mail server`
 */
export function readSecretFile(path: string, what: string, check: PrivacyCheck): string {
  assertPrivate(path, `the file with ${what},`, check);
  try {
    if (check.system !== "windows" && (statSync(path).mode & OTHERS) !== 0) throw exposed(path, what);
    const secret = readSmallFile(path, LONGEST_SECRET)?.toString("utf8").replace(/\s+$/, "");
    if (secret === undefined) throw unusable(path, what, "is no file of a few bytes");
    if (secret === "") throw unusable(path, what, "is empty");
    registerSecret(secret);
    return secret;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error) ?? "") && !(error instanceof LullError)) {
      throw missing(path, what, lstatSync(path, { throwIfNoEntry: false }) !== undefined);
    }
    throw fromSystem(error, `read ${path}`);
  }
}

function exposed(path: string, what: string): LullError {
  return new LullError({
    kind: "config",
    code: "SECRET_EXPOSED",
    message: `${path} holds ${what} and can be read by other users`,
    hint: `run \`chmod 600 ${path}\`; change the secret if others use this machine`,
    data: { path },
  });
}

function unusable(path: string, what: string, why: string): LullError {
  return new LullError({
    kind: "config",
    code: "SECRET_EMPTY",
    message: `${path} should hold ${what}, but ${why}`,
    hint: "write the secret into it, one line, mode 0600",
    data: { path },
  });
}

function missing(path: string, what: string, isLink: boolean): LullError {
  return new LullError({
    kind: "config",
    code: "SECRET_MISSING",
    message: `${path} should hold ${what}, but ${isLink ? "is a link to nothing" : "is not there"}`,
    hint: "write the secret into it, one line, mode 0600",
    data: { path },
  });
}
