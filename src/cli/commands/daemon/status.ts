import { daemonStatus } from "../../../app/daemon-status.ts";
import { defineCommand } from "../../command.ts";
import { lookOf } from "../../look-of.ts";
import { daemonLines } from "../../print/daemon.ts";

export const daemonStatusCommand = defineCommand({
  meta: {
    name: "daemon status",
    details: ["Ends with 0 when it runs, with 1 when it does not."],
    examples: [{ command: "lull daemon status", does: "what runs, what waits and why, what comes next" }],
  },
  args: {},
  run: async (session) => {
    const deps = await session.deps();
    const status = await daemonStatus(deps, { signal: session.signal });
    if (session.out.json) session.out.document(status);
    else session.out.print(daemonLines(status, lookOf(session, deps)));
    return status.kind === "running" ? "ok" : "failed";
  },
});
