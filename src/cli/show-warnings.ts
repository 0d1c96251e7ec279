import type { Session } from "./session.ts";
import { count } from "./text-layout.ts";

/**
 * On stderr; a document carries them itself, and `--quiet` is for what needs somebody now.
 * @param most so many are shown, of the others their number; default: all
 */
export function showWarnings(session: Session, warnings: readonly string[], most = warnings.length): void {
  if (session.out.json || session.flags.quiet) return;
  for (const warning of warnings.slice(0, most)) session.log.warn(warning);
  const more = warnings.length - most;
  if (more > 0)
    session.log.warn(`${count(more, "more warning")} about the config; \`lull config check\` shows all`);
}
