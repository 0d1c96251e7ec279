import { getAudit } from "../../app/get-audit.ts";
import { getLog } from "../../app/get-log.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { auditLines } from "../print/audit.ts";
import { loggedDocument, logLines } from "../print/log.ts";
import type { Session } from "../session.ts";
import { readSince } from "../since.ts";
import { didYouMean, usageError } from "../usage-error.ts";
import { wholeNumber } from "../whole-number.ts";

export const logCommand = defineCommand({
  meta: {
    name: "log",
    details: [
      "Newest first. With --json each run carries everything that it recorded.",
      "A run is synced, up-to-date (there was nothing to do), conflict, partial (not every remote), skipped or failed. A due sync that began to wait for its conditions is a row of its own: deferred. CAUSE tells who asked: a person, a change of files, the schedule, the start of the daemon, or a catch-up for a missed time.",
      "--audit shows what was changed instead: sources added and removed, settings, pauses.",
    ],
    examples: [
      { command: "lull log", does: "the last 20 syncs" },
      { command: "lull log notes --limit 5", does: "the last five of one source" },
      { command: "lull log --since 2d --outcome failed,conflict", does: "the trouble of two days" },
      { command: "lull log --audit", does: "who changed what" },
    ],
  },
  args: {
    name: { type: "positional", required: false, valueHint: "NAME", description: "Only this source" },
    since: {
      type: "string",
      valueHint: "WHEN",
      description: "Not older than this: 12h, 2d, 4w, or a day such as 2026-03-01",
    },
    outcome: {
      type: "string",
      valueHint: "OUTCOME",
      description: "Only runs that ended so; several with commas between",
    },
    audit: { type: "boolean", description: "Show changes of config and pauses instead of syncs" },
    limit: { type: "string", default: "20", valueHint: "N", description: "How many to show" },
  },
  run: async (session, { name, since, outcome, audit, limit }) => {
    const range = {
      name,
      since: since === undefined ? undefined : readSince(since, session.clock),
      limit: wholeNumber("limit", limit, 999_999),
    };
    const outcomes = outcome === undefined ? undefined : readOutcomes(outcome);
    if (audit) return showAudit(session, range, outcomes !== undefined);
    const deps = await session.deps();
    const runs = await getLog(deps, { ...range, outcomes });
    if (session.out.json) session.out.document({ runs: runs.map(loggedDocument) });
    else {
      const isFiltered = range.since !== undefined || outcomes !== undefined;
      session.out.print(logLines(runs, lookOf(session, deps), isFiltered));
    }
    return "ok";
  },
});

async function showAudit(
  session: Session,
  range: Parameters<typeof getAudit>[1],
  hasOutcome: boolean,
): Promise<"ok"> {
  if (hasOutcome)
    throw usageError("BAD_VALUE", "--outcome is of syncs, not of changes", "leave out --outcome or --audit");
  const deps = await session.deps();
  const entries = await getAudit(deps, range);
  if (session.out.json) session.out.document({ entries });
  else session.out.print(auditLines(entries, lookOf(session, deps)));
  return "ok";
}

const OUTCOMES = ["synced", "up-to-date", "conflict", "partial", "skipped", "deferred", "failed"];

function readOutcomes(text: string): readonly string[] {
  const words = text.split(",").map((word) => word.trim());
  const unknown = words.find((word) => !OUTCOMES.includes(word));
  if (unknown === undefined) return words;
  const listing = `choose from ${OUTCOMES.join(", ")}`;
  throw usageError("BAD_VALUE", `--outcome can not be "${unknown}"`, didYouMean(unknown, OUTCOMES, listing));
}
