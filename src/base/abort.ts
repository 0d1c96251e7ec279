import { LullError } from "./errors.ts";

/** Throws `INTERRUPTED` (exit 130) when the signal is set, or the signal's own reason if that is a `LullError`. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  if (signal.reason instanceof LullError) throw signal.reason;
  throw new LullError({
    kind: "interrupted",
    code: "INTERRUPTED",
    message: "interrupted; nothing was lost, the next sync goes on from here",
  });
}
