import type { Ask } from "./cli-io.ts";
import type { Session } from "./session.ts";

/** Who asks the person at the terminal; undefined when nobody is there, or wants no questions. */
export async function askerOf({ io, flags }: Session): Promise<Ask | undefined> {
  if (flags.json || flags.yes) return undefined;
  if (io.ask !== undefined) return io.ask;
  if (!io.isTty || !(io.stdinIsTty ?? io.isTty)) return undefined;
  return (await import("./terminal-ask.ts")).terminalAsk(io.signal);
}
