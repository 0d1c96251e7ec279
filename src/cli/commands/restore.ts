import { FILES_OF_SOURCE, runBringBack } from "../bring-back.ts";
import { defineCommand } from "../command.ts";
import { MOMENT_HINT } from "../moment.ts";

export const restoreCommand = defineCommand({
  meta: {
    name: "restore",
    details: [
      "Files come back as they were, also those that were deleted since; nothing goes. What stands there now is kept first, in a commit and a savepoint, and `lull undo` leads back.",
      "Of a settings source the files go to where they live in the home; without --at as the repository has them now. PATH is a file or folder in the home, or an app.",
      `WHEN is a time (${MOMENT_HINT}), a savepoint or a revision.`,
    ],
    examples: [
      { command: "lull restore notes plan.md --at '2 days ago'", does: "one file" },
      { command: "lull restore settings ~/.zshrc --dry-run", does: "a settings source: what would change" },
      { command: "lull restore notes --at yesterday --dry-run", does: "shows what would come back" },
    ],
    exits: ["unsafe", "guard", "locked", "conflict"],
  },
  args: {
    ...FILES_OF_SOURCE,
    at: { type: "string", valueHint: "WHEN", description: "As they were at this time" },
    "outside-home": {
      type: "boolean",
      description: "Of a settings source: also files that do not belong into the home",
    },
  },
  run: async (session, args) => {
    const { name, paths, at, "outside-home": outside } = args;
    return runBringBack(session, { kind: "restore", name, paths, state: at, outside });
  },
});
