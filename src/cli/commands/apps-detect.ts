import { detectApps } from "../../app/settings/detect-apps.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { detectionLines } from "../print/apps-detected.ts";
import { showWarnings } from "../show-warnings.ts";

export const appsDetectCommand = defineCommand({
  meta: {
    name: "apps detect",
    details: [
      "Looks for the settings of every app that lull knows, and for their programs on PATH. Only names and sizes are looked at: no file is opened, and nothing is changed.",
    ],
    examples: [
      { command: "lull apps detect", does: "the apps here, with the command to take the new ones in" },
    ],
  },
  args: {},
  run: async (session) => {
    const deps = await session.deps();
    const { out, flags, signal } = session;
    const detection = await detectApps(deps, { signal });
    if (out.json) out.document(detection);
    else out.print(detectionLines(detection, { verbose: flags.verbose }, lookOf(session, deps)));
    showWarnings(session, detection.problems);
    return "ok";
  },
});
