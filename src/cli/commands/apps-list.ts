import { listApps } from "../../app/settings/list-apps.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { appListLines } from "../print/apps.ts";
import { showWarnings } from "../show-warnings.ts";

export const appsListCommand = defineCommand({
  meta: {
    name: "apps list",
    details: [
      "Definitions of your own, a YAML file each in the folder `apps` beside the config, count before lull's.",
    ],
    examples: [
      { command: "lull apps list", does: "the apps that have settings on this system" },
      { command: "lull apps list --all-systems", does: "all of them" },
    ],
  },
  args: {
    "all-systems": { type: "boolean", description: "Also apps that have no settings on this system" },
  },
  run: async (session, { "all-systems": allSystems }) => {
    const deps = await session.deps();
    const list = await listApps(deps, { allSystems });
    if (session.out.json) session.out.document(list);
    else session.out.print(appListLines(list, lookOf(session, deps)));
    showWarnings(session, list.problems);
    return "ok";
  },
});
