import type { Ask } from "./cli-io.ts";
import type { Session } from "./session.ts";

/** Who can be asked; undefined: nobody is there, or nobody is to be asked. */
export async function askerOf({ io, flags }: Session): Promise<Ask | undefined> {
  if (flags.json || flags.yes) return undefined;
  if (io.ask !== undefined) return io.ask;
  if (!io.isTty || !(io.stdinIsTty ?? io.isTty)) return undefined;
  return (await import("./terminal-ask.ts")).terminalAsk(io.signal);
}
