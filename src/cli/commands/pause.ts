import { pauseSources } from "../../app/pause-sources.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { pausedLines } from "../print/pauses.ts";

export const pauseCommand = defineCommand({
  meta: {
    name: "pause",
    details: [
      "A paused source is not synced by the calendar or for a changed file; what becomes due meanwhile runs once when the pause ends. `lull sync NAME` still syncs it.",
      "The last word is the duration if it reads as one (30m, 2h, 1h30m, 3d) and no source has that name; --for says it without any doubt. Without a duration the pause lasts until `lull resume`.",
    ],
    examples: [
      { command: "lull pause 2h", does: "everything, for two hours" },
      { command: "lull pause", does: "everything, until you resume" },
      { command: "lull pause notes dotfiles 3d", does: "these two, for three days" },
      { command: "lull pause notes --for 2h", does: "the same in other words" },
    ],
  },
  args: {
    names: {
      type: "positional",
      required: false,
      variadic: true,
      valueHint: "NAME|DURATION",
      description: "Sources to pause, all of them when none is named; the duration comes last",
    },
    for: { type: "string", valueHint: "DURATION", description: "How long: 30m, 2h, 3d" },
  },
  run: async (session, values) => {
    const { out, flags } = session;
    const deps = await session.deps();
    const result = await pauseSources(deps, {
      words: values.names,
      forText: values.for,
      dryRun: flags.dryRun,
    });
    if (out.json) out.document(result);
    else out.say(pausedLines(result, lookOf(session, deps)));
    return "ok";
  },
});
