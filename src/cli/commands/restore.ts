import { FILES_OF_SOURCE, runBringBack } from "../bring-back.ts";
import { defineCommand } from "../command.ts";
import { MOMENT_HINT } from "../moment.ts";

export const restoreCommand = defineCommand({
  meta: {
    name: "restore",
    details: [
      "Files come back as they were, also those that were deleted since; nothing goes. What stands there now is kept first, in a commit and a savepoint, and `lull undo` leads back.",
      `WHEN is a time (${MOMENT_HINT}), a savepoint or a revision.`,
    ],
    examples: [
      { command: "lull restore notes plan.md --at '2 days ago'", does: "one file" },
      { command: "lull restore notes --at yesterday --dry-run", does: "shows what would come back" },
    ],
    exits: ["unsafe", "guard", "locked", "conflict"],
  },
  args: {
    ...FILES_OF_SOURCE,
    at: { type: "string", valueHint: "WHEN", description: "As they were at this time" },
  },
  run: async (session, { name, paths, at }) =>
    runBringBack(session, { kind: "restore", name, paths, flag: "at", state: at }),
});
