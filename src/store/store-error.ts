import { LullError, messageOf, systemCode } from "../base/errors.ts";

/**
 * Turns what SQLite threw into words. A full disk is named as such: SQLite meets it as `SQLITE_FULL`, and as an
 * input/output error when it can not even lay out its shared memory file.
 * @param doing what was being attempted, e.g. `open the history /home/me/.local/state/lull/lull.db`
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
  return new LullError({
    kind: "failed",
    code: "STORE_UNUSABLE",
    message: `cannot ${doing}: ${messageOf(error)}`,
    hint: "it holds history only, no files of yours: move it away and lull makes a new one",
    cause: error,
  });
}

const OUT_OF_SPACE: ReadonlySet<string> = new Set([
  "SQLITE_FULL",
  "SQLITE_IOERR_SHMSIZE",
  "SQLITE_IOERR_SHMMAP",
  "ENOSPC",
]);
