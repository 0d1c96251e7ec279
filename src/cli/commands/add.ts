/**
 * The commands, a file each: declare the arguments, build the input, call one use-case, hand its result to a printer.
 * They know no adapter and no file of the person's; what they print is cleaned in `print/`.
 */
import { addSource } from "../../app/add-source.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { addedLines } from "../print/added.ts";
import { showWarnings } from "../show-warnings.ts";
import { SOURCE_FLAGS } from "../source-flags.ts";

export const addCommand = defineCommand({
  meta: {
    name: "add",
    details: [
      "A folder that is no git repository becomes one. Without any remote, lull makes a bare repository on this machine to serve as one. No file in the folder is changed.",
    ],
    examples: [
      { command: "lull add ~/notes", does: "with the repository's own remote, or a local one" },
      {
        command: "lull add ~/dotfiles --remote https://example.com/me/dotfiles.git",
        does: "with a hosted remote",
      },
      { command: "lull add ~/notes --dry-run", does: "shows what would be done" },
    ],
    exits: ["unreachable", "auth", "unsafe"],
  },
  args: {
    folder: {
      type: "positional",
      required: true,
      valueHint: "FOLDER",
      description: "The folder to keep in sync",
    },
    ...SOURCE_FLAGS,
  },
  run: async (session, { folder, name, remote, schedule }) => {
    const deps = await session.deps();
    const input = { path: folder, name, remote, schedule, dryRun: session.flags.dryRun };
    const added = await addSource(deps, input, { signal: session.signal });
    if (session.out.json) session.out.document(added);
    else session.out.say(addedLines(added, lookOf(session, deps)));
    showWarnings(session, added.warnings);
    return "ok";
  },
});
