import type { Session } from "./session.ts";
import { usageError } from "./usage-error.ts";

/** A key file or a token set is a few kilobytes. */
const LONGEST = 64 * 1024;

/**
 * Reads a secret: typed on the terminal without showing, else from stdin to its end, without the line's end.
 * @param question undefined: from stdin even on a terminal
 * @throws LullError `BAD_VALUE` (kind `usage`) for what is too long, `INTERRUPTED`
 */
export async function readSecret({ io, flags }: Session, question: string | undefined): Promise<string> {
  const isPerson = (io.stdinIsTty ?? io.isTty) && io.isTty && !flags.json;
  if (question !== undefined && (isPerson || io.ask !== undefined)) {
    const ask = io.ask ?? (await import("./terminal-ask.ts")).terminalAsk(io.signal);
    return ask.secret(question);
  }
  let text = "";
  for await (const chunk of io.stdin ?? []) {
    text += chunk;
    if (text.length > LONGEST)
      throw usageError("BAD_VALUE", "stdin holds more than a secret", "send it alone");
  }
  return text.replace(/\r?\n$/, "");
}
