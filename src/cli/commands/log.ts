import { getLog } from "../../app/get-log.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { loggedDocument, logLines } from "../print/log.ts";
import { wholeNumber } from "../whole-number.ts";

export const logCommand = defineCommand({
  meta: {
    name: "log",
    details: ["Newest first. With --json each run carries everything that it recorded."],
    examples: [
      { command: "lull log", does: "the last 20 syncs" },
      { command: "lull log notes --limit 5", does: "the last five of one source" },
    ],
  },
  args: {
    name: { type: "positional", required: false, valueHint: "NAME", description: "Only this source" },
    limit: { type: "string", default: "20", valueHint: "N", description: "How many runs to show" },
  },
  run: async (session, { name, limit }) => {
    const input = { name, limit: wholeNumber("limit", limit, 999_999) };
    const deps = await session.deps();
    const runs = await getLog(deps, input);
    if (session.out.json) session.out.document({ runs: runs.map(loggedDocument) });
    else session.out.print(logLines(runs, lookOf(session, deps)));
    return "ok";
  },
});
