import { FILES_OF_SOURCE, runBringBack } from "../bring-back.ts";
import { defineCommand } from "../command.ts";
import { MOMENT_HINT } from "../moment.ts";

export const rollbackCommand = defineCommand({
  meta: {
    name: "rollback",
    details: [
      "The folder, or the paths that you name, becomes as it was: files that came later go. Local work is committed first and a savepoint is taken, so that nothing is lost and `lull undo` leads back. The result is a new commit on top; the history stays as it is. The files come back as they were; what was staged then is kept with the savepoint, but is not staged again.",
      `A state is a savepoint (\`lull savepoints\`), a revision (a commit, branch or tag, HEAD~3), or a time: ${MOMENT_HINT}.`,
    ],
    examples: [
      { command: "lull rollback notes --to 20260301T140500Z", does: "the whole source, to a savepoint" },
      { command: "lull rollback notes plans --to HEAD~3", does: "one folder, to three commits ago" },
      { command: "lull rollback notes --to '2 days ago' --dry-run", does: "shows the plan" },
    ],
    exits: ["unsafe", "guard", "locked", "conflict"],
  },
  args: {
    ...FILES_OF_SOURCE,
    to: { type: "string", valueHint: "STATE", description: "A savepoint, revision or time" },
  },
  run: async (session, { name, paths, to }) =>
    runBringBack(session, { kind: "rollback", name, paths, state: to }),
});
