import { listDevices } from "../../app/devices/list-devices.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { deviceLines } from "../print/devices.ts";
import { showWarnings } from "../show-warnings.ts";
import { sourceNames } from "../source-names.ts";

export const deviceListCommand = defineCommand({
  meta: {
    name: "device list",
    details: [
      "Asks the remotes. One that can not be reached is named, and what it had last counts. The last sync is known to the day.",
    ],
    examples: [
      { command: "lull device list notes", does: "the devices that sync notes" },
      { command: "lull device list --offline", does: "as last seen, without any network" },
    ],
  },
  args: {
    ...sourceNames("look at"),
    offline: { type: "boolean", description: "Look at this machine only" },
  },
  run: async (session, { names, offline }) => {
    const deps = await session.deps();
    const list = await listDevices(deps, { names, offline }, { signal: session.signal });
    if (session.out.json) session.out.document(list);
    else session.out.print(deviceLines(list, lookOf(session, deps)));
    showWarnings(session, list.warnings);
    return "ok";
  },
});
