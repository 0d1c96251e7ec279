import type { Session } from "./session.ts";

/** On stderr; a document carries them itself, and `--quiet` is for what needs somebody now. */
export function showWarnings(session: Session, warnings: readonly string[]): void {
  if (session.out.json || session.flags.quiet) return;
  for (const warning of warnings) session.log.warn(warning);
}
