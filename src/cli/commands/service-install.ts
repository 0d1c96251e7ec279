import { installService } from "../../app/install-service.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { installedLines } from "../print/service.ts";
import { scopeOf, SERVICE_FLAGS } from "../service-flags.ts";

export const serviceInstallCommand = defineCommand({
  meta: {
    name: "service install",
    details: [
      "Writes a systemd unit, a launchd agent or a scheduled task, and starts it. What it is to run is fixed: the full path of this binary, -c and --interval as given here, and the variables that move lull's folders (LULL_HOME, XDG_*, LULL_DEVICE). Of no other variable of this shell the service knows: proxies and certificates belong into the config (transport.proxy, transport.ca). Once more with other words it is written anew and restarted; with the same words nothing changes.",
      "A file of the same name that lull did not write stays, unless --force is given.",
    ],
    examples: [
      { command: "lull service install", does: "for yourself" },
      { command: "lull service install --interval 15m", does: "passes the interval on to the daemon" },
      { command: "lull service install --dry-run", does: "shows the file and the commands" },
      { command: "sudo lull service install --system --user ada", does: "from boot on, as ada" },
    ],
  },
  args: {
    ...SERVICE_FLAGS,
    user: {
      type: "string",
      valueHint: "NAME",
      description: "With --system: whose folders it syncs; by default the person behind sudo",
    },
    interval: {
      type: "string",
      valueHint: "TIME",
      description: "Passed on to the daemon: how often sources without a schedule of their own are due",
    },
  },
  run: async (session, { system, user, interval }) => {
    const { flags, out, signal } = session;
    const deps = await session.deps();
    const input = {
      scope: scopeOf(system),
      user,
      interval,
      namedConfig: flags.config !== undefined,
      force: flags.force,
      dryRun: flags.dryRun,
    };
    const installed = await installService(deps, input, { signal });
    if (out.json) out.document(installed);
    else if (installed.dryRun) out.print(installedLines(installed, lookOf(session, deps)));
    else out.say(installedLines(installed, lookOf(session, deps)));
    return "ok";
  },
});
