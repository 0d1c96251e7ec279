import { LullError, messageOf } from "../base/errors.ts";
import { redactIn } from "../base/redact.ts";
import { isRetryable } from "../transport/transport-error.ts";
import type { RunError } from "./outcome.ts";

/**
 * Returns an error as plain data without secrets; an unexpected one keeps its message and the code `INTERNAL`.
 * @param source whose name goes into the commands of the hint
 */
export function toRunError(error: unknown, source?: string): RunError {
  const known =
    error instanceof LullError
      ? error
      : new LullError({
          kind: "failed",
          code: "INTERNAL",
          message: `unexpected: ${messageOf(error)}`,
          hint: "run again with --verbose and report what it prints",
        });
  return redactIn({
    kind: known.kind,
    code: known.code,
    message: known.message,
    hint: source === undefined ? known.hint : known.hint?.replaceAll("<source>", source),
    causes: known.causes,
    data: known.data,
    retry: isRetryable(known),
  });
}
