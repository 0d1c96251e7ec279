import { closeSync, fsyncSync, lstatSync, openSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { syncDirectory, writeFully } from "../base/atomic-file.ts";
import { fromSystem, LullError, systemCode } from "../base/errors.ts";
import { registerSecret } from "../base/redact.ts";
import { readSmallFile } from "../base/small-file.ts";
import { assertPrivate, type PrivacyCheck } from "./private-files.ts";

/** No token, password or key of a webhook is longer. */
const LONGEST_SECRET = 64 * 1024;

const OTHERS = 0o077;

/** What a use-case needs of files with a secret in them; paths are absolute. */
export type SecretFiles = {
  /** As `readSecretFile`. */
  read(path: string, what: string): string;
  /** As `createSecretFile`. */
  create(path: string, text: string): void;
  /** Takes back what `create` made. */
  remove(path: string): void;
};

export function secretFiles(check: PrivacyCheck): SecretFiles {
  return {
    read: (path, what) => readSecretFile(path, what, check),
    create: createSecretFile,
    remove: (path) => rmSync(path, { force: true }),
  };
}

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

/**
 * Writes a secret into a file that is not there yet, mode 0600; on return it is on the disk.
 *
 * Throws `SECRET_FILE_EXISTS` (kind `usage`) or the system's error; then there is no file that was not there before.
 */
function createSecretFile(path: string, text: string): void {
  let handle: number;
  try {
    // Not through a link either, whoever has put it there.
    handle = openSync(path, "wx", 0o600);
  } catch (error) {
    if (systemCode(error) === "EEXIST") throw fileExists(path);
    throw fromSystem(error, `write ${path}`);
  }
  try {
    try {
      writeFully(handle, Buffer.from(text));
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    syncDirectory(dirname(path));
  } catch (error) {
    rmSync(path, { force: true });
    throw fromSystem(error, `write ${path}`);
  }
}

function fileExists(path: string): LullError {
  return new LullError({
    kind: "usage",
    code: "SECRET_FILE_EXISTS",
    message: `${path} is there already, and may be the only copy of another key`,
    hint: "name a file that does not exist",
    data: { path },
  });
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
