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
      "Reads everything and compares it with its checksums: each object and pack, whether all that branches, tags, logs, savepoints and the index refer to is there, the index, and the files that look untouched (a disk that changes a file does not change its time). Each remote is asked what it has; one that is a folder of this machine is read as well.",
      "Nothing is changed. Damage is told with what it means and what mends it, the gravest first.",
    ],
    examples: [
      { command: "lull verify", does: "all sources" },
      { command: "lull verify notes --json", does: "one, for programs" },
    ],
    exits: ["failed", "unsafe", "unreachable", "auth"],
  },
  args: {
    ...sourceNames("check"),
  },
  run: async (session, { names }) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const onEvent = showSyncEvent(out.progress, session.log);
    const sources = await verifySources(deps, { names }, { signal, onEvent });
    if (out.json) out.document({ sources });
    else out.print(verificationLines(sources, { verbose: flags.verbose }, lookOf(session, deps)));
    return verificationKind(sources);
  },
});
