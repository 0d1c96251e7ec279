import { getStats } from "../../app/get-stats.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { loggedDocument } from "../print/log.ts";
import { statsLines } from "../print/stats.ts";
import { readSince } from "../since.ts";

export const statsCommand = defineCommand({
  meta: {
    name: "stats",
    details: [
      "Success is the share of syncs that ended as synced, up-to-date or conflict; skipped and deferred ones are left out. Durations are those of syncs that ended well; the steps are medians over the newest thousand of them, of the runs in which the step came.",
    ],
    examples: [
      { command: "lull stats", does: "all sources, the last 30 days" },
      { command: "lull stats notes --since 1w", does: "one source, the last week" },
    ],
  },
  args: {
    name: { type: "positional", required: false, valueHint: "NAME", description: "Only this source" },
    since: {
      type: "string",
      default: "30d",
      valueHint: "WHEN",
      description: "From when on: 12h, 30d, 4w, or a day such as 2026-03-01",
    },
  },
  run: async (session, { name, since }) => {
    const from = readSince(since, session.clock);
    const deps = await session.deps();
    const stats = await getStats(deps, { name, since: from });
    if (session.out.json) {
      const { lastFailure } = stats;
      session.out.document({
        ...stats,
        lastFailure: lastFailure === undefined ? undefined : loggedDocument(lastFailure),
      });
    } else session.out.print(statsLines(stats, lookOf(session, deps)));
    return "ok";
  },
});
