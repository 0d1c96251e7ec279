import { getServiceStatus } from "../../app/get-service-status.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { serviceStatusLines } from "../print/service.ts";
import { scopeOf, SERVICE_FLAGS } from "../service-flags.ts";

export const serviceStatusCommand = defineCommand({
  meta: {
    name: "service status",
    details: [
      "Asks the system, not a note of lull's own. The exit code is 0 when the service is installed as it should be, starts by itself and runs, otherwise 1.",
    ],
    examples: [{ command: "lull service status", does: "how it stands, and what to do" }],
  },
  args: SERVICE_FLAGS,
  run: async (session, { system }) => {
    const { out, signal } = session;
    const deps = await session.deps();
    const report = await getServiceStatus(deps, { scope: scopeOf(system) }, { signal });
    if (out.json) out.document(report);
    else out.print(serviceStatusLines(report, lookOf(session, deps)));
    return report.isGood ? "ok" : "failed";
  },
});
