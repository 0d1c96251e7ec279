import { fromSystem, LullError, messageOf, systemCode } from "../base/errors.ts";
import { redactIn } from "../base/redact.ts";
import { isRetryable } from "../transport/transport-error.ts";
import type { RunError } from "./outcome.ts";

/** Stands in hints for the source's name. */
const PLACEHOLDER = "<source>";

/**
 * Returns an error as plain data without secrets; an unexpected one keeps its message and the code `INTERNAL`.
 * @param source whose name goes into the commands of the hint
 */
export function toRunError(error: unknown, source?: string): RunError {
  const known = toKnown(error);
  return redactIn({
    kind: known.kind,
    code: known.code,
    message: known.message,
    hint: source === undefined ? known.hint : known.hint?.replaceAll(PLACEHOLDER, source),
    causes: known.causes,
    data: known.data,
    retry: isRetryable(known),
  });
}

/** The same error with the source's name in the commands of its hint, for what is thrown and no run's result. */
export function namingSource(error: unknown, source: string): unknown {
  if (!(error instanceof LullError) || error.hint?.includes(PLACEHOLDER) !== true) return error;
  const { kind, code, message, causes, data, cause } = error;
  const hint = error.hint.replaceAll(PLACEHOLDER, source);
  return new LullError({ kind, code, message, hint, causes, data, cause });
}

function toKnown(error: unknown): LullError {
  if (error instanceof LullError) return error;
  // Of a failure and a clean-up that failed after it (`using`), the first is the reason.
  if (error instanceof Error && "suppressed" in error) return toKnown(error.suppressed);
  // A call on a file that hardly ever fails, such as the removal of one's own lock, on a disk that does.
  if (systemCode(error) !== undefined) return fromSystem(error, callIn(error));
  return new LullError({
    kind: "failed",
    code: "INTERNAL",
    message: `unexpected: ${messageOf(error)}`,
    hint: "run again with --verbose and report what it prints",
  });
}

/** What was being done, in the system's words: `unlink /home/ada/notes/.git/HEAD.lock`. */
function callIn(error: unknown): string {
  const { syscall, path } = error as { readonly syscall?: unknown; readonly path?: unknown };
  const parts = [syscall, path].filter((part) => typeof part === "string");
  return parts.length === 0 ? "go on" : parts.join(" ");
}
