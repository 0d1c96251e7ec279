import { removeApps } from "../../app/settings/remove-apps.ts";
import { APPS, SETTINGS_SOURCE } from "../apps-arguments.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { removedAppsLines } from "../print/apps.ts";

export const appsRemoveCommand = defineCommand({
  meta: {
    name: "apps remove",
    details: ["Only the config changes: the app's files stay where they are, and so do the copies."],
    examples: [{ command: "lull apps remove vscode", does: "gathers it no longer" }],
  },
  args: { ...APPS, ...SETTINGS_SOURCE },
  run: async (session, { apps, source }) => {
    const deps = await session.deps();
    const { out, flags } = session;
    const removed = await removeApps(deps, { apps, source, dryRun: flags.dryRun });
    if (out.json) out.document(removed);
    else out.say(removedAppsLines(removed, lookOf(session, deps)));
    return "ok";
  },
});
