import { whySources } from "../../app/why-source.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { loggedDocument } from "../print/log.ts";
import { whyLines } from "../print/why.ts";
import { sourceNames } from "../source-names.ts";

export const whyCommand = defineCommand({
  meta: {
    name: "why",
    details: [
      "For each source: whether it is due and since when, what it waits for with the value that is measured now, the latest time at which it runs all the same, what the last sync did, and when the next one is due. It works with and without the daemon.",
    ],
    examples: [
      { command: "lull why", does: "all sources" },
      { command: "lull why notes", does: "one source" },
    ],
  },
  args: {
    ...sourceNames("explain"),
  },
  run: async (session, { names }) => {
    const deps = await session.deps();
    const result = await whySources(deps, { names }, { signal: session.signal });
    if (session.out.json) {
      const sources = result.sources.map(({ lastRun, ...source }) => ({
        ...source,
        lastRun: lastRun === undefined ? undefined : loggedDocument(lastRun),
      }));
      session.out.document({ ...result, sources });
    } else session.out.print(whyLines(result, lookOf(session, deps)));
    return "ok";
  },
});
