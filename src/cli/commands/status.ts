import { getStatus } from "../../app/get-status.ts";
import { defineCommand, type ExitKind } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { nextStep, statusLines } from "../print/status.ts";
import { loggedDocument } from "../print/log.ts";
import { hangingLines } from "../text-layout.ts";
import type { Session } from "../session.ts";
import { sourceNames } from "../source-names.ts";

export const statusCommand = defineCommand({
  meta: {
    name: "status",
    details: [
      "Looks at this machine only: REMOTE compares with what was last fetched, so it takes no network. The last line says what to do next.",
    ],
    examples: [
      { command: "lull status", does: "all sources" },
      { command: "lull status notes --json", does: "one source, for a program" },
    ],
  },
  args: {
    ...sourceNames("show"),
  },
  run: async (session, { names }) => showStatus(session, names),
});

/** Also for `lull` alone. */
export async function showStatus(session: Session, names: readonly string[]): Promise<ExitKind> {
  const deps = await session.deps();
  const { out } = session;
  const result = await getStatus(deps, { names }, { signal: session.signal });
  if (out.json) {
    const sources = result.sources.map(({ lastRun, ...source }) => ({
      ...source,
      lastRun: lastRun === undefined ? undefined : loggedDocument(lastRun),
    }));
    out.document({ ...result, sources });
    return "ok";
  }
  const look = lookOf(session, deps);
  out.print(statusLines(result, look));
  out.say(hangingLines("", nextStep(result), look.width));
  return "ok";
}
