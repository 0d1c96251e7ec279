import { readArguments } from "../arguments.ts";
import { defineCommand } from "../command.ts";
import { printHelp } from "../help.ts";
import { COMMANDS } from "../root.ts";

export const helpCommand = defineCommand({
  meta: {
    name: "help",
    examples: [
      { command: "lull help", does: "all commands, options and exit codes" },
      { command: "lull help config set", does: "one command" },
    ],
  },
  args: {
    command: {
      type: "positional",
      required: false,
      variadic: true,
      valueHint: "COMMAND",
      description: "The command to tell about",
    },
  },
  run: async (session, { command }) => {
    const read = await readArguments(["--", ...command], COMMANDS, {});
    // Missing arguments of the command asked about are no mistake here.
    if (read.problem?.code === "UNKNOWN_COMMAND") throw read.problem;
    return printHelp(session, read.path, read.found);
  },
});
