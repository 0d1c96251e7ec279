import { maintainSources } from "../../app/maintain-sources.ts";
import { defineCommand } from "../command.ts";
import { gravestKind } from "../gravest-kind.ts";
import { lookOf } from "../look-of.ts";
import { maintenanceLines } from "../print/maintenance.ts";
import { showSyncEvent } from "../print/sync-event.ts";
import { sourceNames } from "../source-names.ts";

export const maintainCommand = defineCommand({
  meta: {
    name: "maintain",
    details: [
      "For each source: pack the many small files that git keeps into one, drop what nothing has referred to for two weeks (or for longer, where gc.pruneExpire says so), shorten old reflogs by git's own rules, and sweep what a crash has left. Nothing in the folder itself changes, and no commit goes.",
      "It does nothing, and quickly, where little has come together; lull and git may work in the folder meanwhile.",
    ],
    examples: [
      { command: "lull maintain", does: "all sources" },
      { command: "lull maintain notes", does: "this one" },
      { command: "lull maintain --dry-run", does: "shows what would be done" },
    ],
    exits: ["unsafe", "locked"],
  },
  args: {
    ...sourceNames("tend"),
  },
  run: async (session, { names }) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const onEvent = showSyncEvent(out.progress, session.log);
    const sources = await maintainSources(deps, { names, dryRun: flags.dryRun }, { signal, onEvent });
    if (out.json) out.document({ sources });
    else {
      const options = { dryRun: flags.dryRun, verbose: flags.verbose };
      out.print(maintenanceLines(sources, options, lookOf(session, deps)));
    }
    // What was left for a good reason is no failure.
    return gravestKind(sources.flatMap((source) => (source.kind === "failed" ? [source.error.kind] : [])));
  },
});
