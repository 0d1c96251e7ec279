import { LullError, messageOf, systemCode } from "../base/errors.ts";

/**
 * Turns what SQLite threw into words. A full disk is named as such: SQLite meets it as `SQLITE_FULL`, and as an
 * input/output error when it can not even lay out its shared memory file.
 * @param doing what was being attempted, e.g. `open the database /home/me/.local/state/lull/lull.db`
 */
export function storeError(error: unknown, doing: string): LullError {
  if (error instanceof LullError) return error;
  if (OUT_OF_SPACE.has(systemCode(error) ?? "")) {
    return new LullError({
      kind: "failed",
      code: "ENOSPC",
      message: `cannot ${doing}: the disk is full`,
      hint: "free some space and run the command again; nothing was lost",
      cause: error,
    });
  }
  if (systemCode(error)?.startsWith("SQLITE_BUSY") === true) {
    return new LullError({
      kind: "locked",
      code: "STORE_BUSY",
      message: `cannot ${doing}: another program has held it for too long`,
      hint: "close what has it open (another lull, a database viewer, a backup) and run the command again",
      cause: error,
    });
  }
  return new LullError({
    kind: "failed",
    code: "STORE_UNUSABLE",
    message: `cannot ${doing}: ${messageOf(error)}`,
    hint: "it holds history and waiting jobs, no files of yours: move it away and lull makes a new one",
    cause: error,
  });
}

const OUT_OF_SPACE: ReadonlySet<string> = new Set([
  "SQLITE_FULL",
  "SQLITE_IOERR_SHMSIZE",
  "SQLITE_IOERR_SHMMAP",
  "ENOSPC",
]);
