import { resumeSources } from "../../app/resume-sources.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { resumedLines } from "../print/pauses.ts";

export const resumeCommand = defineCommand({
  meta: {
    name: "resume",
    details: [
      "Without names every pause ends, that of everything and those of single sources. A named source whose own pause ends still rests while everything is paused.",
    ],
    examples: [
      { command: "lull resume", does: "lets everything go on" },
      { command: "lull resume notes", does: "ends the pause of one source" },
    ],
  },
  args: {
    names: {
      type: "positional",
      required: false,
      variadic: true,
      valueHint: "NAME",
      description: "Sources to resume; every pause ends when none is named",
    },
  },
  run: async (session, { names }) => {
    const { out, flags } = session;
    const deps = await session.deps();
    const result = await resumeSources(deps, { names, dryRun: flags.dryRun });
    if (out.json) out.document(result);
    else out.say(resumedLines(result, lookOf(session, deps)));
    return "ok";
  },
});
