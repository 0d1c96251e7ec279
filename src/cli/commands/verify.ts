import { verifySources } from "../../app/verify-sources.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { verificationKind, verificationLines } from "../print/verification.ts";
import { showSyncEvent } from "../print/sync-event.ts";
import { sourceNames } from "../source-names.ts";

export const verifyCommand = defineCommand({
  meta: {
    name: "verify",
    details: [
      "Reads everything and compares it with its checksums: each object and pack, whether all that branches, tags, logs, savepoints and the index refer to is there, the index, git's config, and the files that look untouched (a disk that changes a file does not change its time). Each remote is asked what it has; one that is a folder of this machine is read as well.",
      "Nothing is changed. Damage is told with what it means and what mends it, the gravest first; damage that is left ends with exit code 1.",
      "With --repair, lost and damaged objects come back from other copies, from the files in the folder, and from the remotes; branches come back from their logs, savepoints and what the remote had; a damaged index is made anew. No file in the folder changes, no commit that exists is given up, and nothing is deleted: what was damaged lies in .git/lull/damaged afterwards. A pack that was made anew is larger than before until the next `lull maintain`. With --dry-run only the plan is shown; the remotes are asked for their branches then, not for what is lost here.",
    ],
    examples: [
      { command: "lull verify", does: "all sources" },
      { command: "lull verify notes --repair --dry-run", does: "shows what a repair would try" },
      { command: "lull verify notes --repair", does: "mends what can be mended" },
    ],
    exits: ["failed", "unsafe", "unreachable", "auth", "locked"],
  },
  args: {
    ...sourceNames("check"),
    repair: { type: "boolean", description: "Mend what can be mended" },
  },
  run: async (session, { names, repair }) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const onEvent = showSyncEvent(out.progress, session.log);
    const wanted = { names, repair: repair ? (flags.dryRun ? "plan" : "do") : undefined } as const;
    const sources = await verifySources(deps, wanted, { signal, onEvent });
    if (out.json) out.document({ sources });
    else out.print(verificationLines(sources, { verbose: flags.verbose }, lookOf(session, deps)));
    return verificationKind(sources);
  },
});
