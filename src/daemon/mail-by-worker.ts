import { LullError } from "../base/errors.ts";
import type { SendMail } from "../notify/open-channels.ts";
import type { WorkerPool } from "./worker-pool.ts";

/** The mail's own deadlines come first; this one ends a worker that hangs. */
const LIMITS = { deadlineMs: 90_000, memoryBytes: 512 * 1024 * 1024 };

/** Has a worker send a mail: what speaks SMTP takes 15 MB, which a daemon at rest should not keep. */
export function mailByWorker(pool: WorkerPool): SendMail {
  return async (mail, signal) => {
    const end = await pool.run({ kind: "mail", ...mail }, { ...LIMITS, signal });
    if (end.kind === "mailed") {
      const { failure } = end;
      if (failure === undefined) return { kind: "sent" };
      return { kind: "failed", error: new LullError(failure.error), again: failure.again };
    }
    const why =
      end.kind === "refused"
        ? end.error.message
        : end.kind === "lost" || end.kind === "stopped"
          ? end.why
          : end.kind;
    const error = new LullError({
      kind: "failed",
      code: "MAIL_NOT_SENT",
      message: `the process that was to send the mail ended early: ${why}`,
      hint: "try it with `lull notify test`",
    });
    return { kind: "failed", error, again: "later" };
  };
}
