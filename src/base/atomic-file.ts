/**
 * Writes a whole file so that a crash or power cut leaves the old content or the new one, never a mix:
 * temporary file beside the target (or in a given folder on the same file system), fsync, rename, fsync of the
 * directory. Knows nothing of git or of lull's own files.
 */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { fromSystem, systemCode } from "./errors.ts";

export type AtomicWriteOptions = {
  /** Permission bits from the first moment on; the umask still applies. Default 0o666. */
  readonly mode?: number;
  /** Where the temporary file goes; must be on the same file system. Default: beside the target. */
  readonly temporaryDirectory?: string;
};

/** A process that crashed and left its file may have had this one's number. */
const run = crypto.getRandomValues(new Uint32Array(2)).join("");
let counter = 0;

export function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  options: AtomicWriteOptions = {},
): void {
  const directory = options.temporaryDirectory ?? dirname(path);
  const temporary = join(directory, `.${basename(path)}.${process.pid}.${run}.${++counter}.tmp`);
  try {
    const handle = openSync(temporary, "wx", options.mode ?? 0o666);
    try {
      writeFully(handle, typeof content === "string" ? Buffer.from(content) : content);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fromSystem(error, `write ${path}`);
  }
  syncDirectory(dirname(path));
}

/** Writes all bytes; a single `write` may stop short. */
export function writeFully(handle: number, bytes: Uint8Array, position: number | null = null): void {
  for (let done = 0; done < bytes.length;) {
    done += writeSync(handle, bytes, done, bytes.length - done, position === null ? null : position + done);
  }
}

/** Makes a rename or unlink in this directory survive a power cut. Bytes where a name is no UTF-8. */
export function syncDirectory(path: string | Buffer): void {
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch (error) {
    // Windows cannot open a directory; its file systems journal renames themselves.
    if (["EISDIR", "EPERM", "EACCES"].includes(systemCode(error) ?? "")) return;
    throw fromSystem(error, `sync ${path.toString()}`);
  }
  try {
    fsyncSync(handle);
  } catch (error) {
    // Some network file systems refuse fsync on a directory; there is nothing more to do then.
    if (!["EINVAL", "EBADF", "ENOTSUP", "EPERM"].includes(systemCode(error) ?? ""))
      throw fromSystem(error, `sync ${path.toString()}`);
  } finally {
    closeSync(handle);
  }
}

/** Creates a folder and its missing parents, private to the user. */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fromSystem(error, `create ${path}`);
  }
}
