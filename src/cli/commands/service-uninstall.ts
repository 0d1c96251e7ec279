import { uninstallService } from "../../app/uninstall-service.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { uninstalledLines } from "../print/service.ts";
import { scopeOf, SERVICE_FLAGS } from "../service-flags.ts";

export const serviceUninstallCommand = defineCommand({
  meta: {
    name: "service uninstall",
    details: ["A sync that runs is finished first. Your folders, the config and the history stay."],
    examples: [
      { command: "lull service uninstall", does: "takes it out" },
      { command: "lull service uninstall --dry-run", does: "shows what would be done" },
    ],
  },
  args: SERVICE_FLAGS,
  run: async (session, { system }) => {
    const { flags, out, signal } = session;
    const deps = await session.deps();
    const input = { scope: scopeOf(system), force: flags.force, dryRun: flags.dryRun };
    const uninstalled = await uninstallService(deps, input, { signal });
    if (out.json) out.document(uninstalled);
    else if (uninstalled.dryRun) out.print(uninstalledLines(uninstalled, lookOf(session, deps)));
    else out.say(uninstalledLines(uninstalled, lookOf(session, deps)));
    return "ok";
  },
});
