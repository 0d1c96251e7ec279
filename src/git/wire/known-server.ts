import { LullError } from "../../base/errors.ts";

const CODES: ReadonlySet<string> = new Set([
  "AUTH",
  "FORBIDDEN",
  "REPO_NOT_FOUND",
  "UNSUPPORTED",
  "REMOTE_ERROR",
  // A kept connection that the server closed in this moment; or a push was carried out and its answer is lost.
  "TRUNCATED",
  "NETWORK",
]);

/**
 * For a request that went by what is remembered of a server: whether the server may have become another one, or wants to
 * be asked in form. A silent or absent one has not.
 */
export function isToBeAskedAgain(error: unknown): boolean {
  return error instanceof LullError && CODES.has(error.code);
}
