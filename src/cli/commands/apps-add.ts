import { addApps } from "../../app/settings/add-apps.ts";
import { APPS, SETTINGS_SOURCE } from "../apps-arguments.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { addedAppsLines } from "../print/apps.ts";

export const appsAddCommand = defineCommand({
  meta: {
    name: "apps add",
    details: [
      "Puts the apps into the config. Where there is no settings source yet, one is made, with the remote that you name, or one on this machine.",
      "Nothing is gathered before the next sync. Files that hold secrets are only kept encrypted; they stay out until `lull secret init` has made a key.",
    ],
    examples: [
      { command: "lull apps add git zsh", does: "to the settings source" },
      {
        command: "lull apps add git --remote https://example.com/me/settings.git",
        does: "to a new one with a hosted remote",
      },
      { command: "lull apps add rclone --encrypt", does: "keeps all of its files encrypted" },
    ],
  },
  args: {
    ...APPS,
    ...SETTINGS_SOURCE,
    remote: {
      type: "string",
      valueHint: "URL",
      description: "Of a new settings source: where to push to and pull from",
    },
    encrypt: { type: "boolean", description: "Keep all files of these apps encrypted" },
  },
  run: async (session, { apps, source, remote, encrypt }) => {
    const deps = await session.deps();
    const { out, flags, signal } = session;
    const input = { apps, source, remote, encrypt, dryRun: flags.dryRun };
    const added = await addApps(deps, input, { signal });
    if (out.json) out.document(added);
    else out.say(addedAppsLines(added, lookOf(session, deps)));
    return "ok";
  },
});
