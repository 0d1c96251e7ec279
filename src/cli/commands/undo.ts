import { undoSync } from "../../app/go-back.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { wentBackLines } from "../print/savepoints.ts";
import { showSyncEvent } from "../print/sync-event.ts";

export const undoCommand = defineCommand({
  meta: {
    name: "undo",
    details: [
      "What the last sync changed in the folder is taken out again: files that came are gone, files that went are back. What you changed since stays; a file that both changed is left alone and named. The result is a new commit, so that the next sync brings the same to your other devices.",
      "Before that a savepoint is taken: `lull undo` again takes the undo back. A resolve, rollback or restore that came after the last sync is taken back in its place.",
    ],
    examples: [
      { command: "lull undo notes --dry-run", does: "shows what would come back" },
      { command: "lull undo notes", does: "takes back the last sync" },
    ],
    exits: ["unsafe", "guard", "locked", "conflict"],
  },
  args: {
    name: {
      type: "positional",
      required: false,
      valueHint: "NAME",
      description: "The source; the only one when left out",
    },
  },
  run: async (session, { name }) => {
    const { out, flags, signal } = session;
    const deps = await session.deps();
    const onEvent = showSyncEvent(out.progress, session.log);
    const done = await undoSync(deps, { name, dryRun: flags.dryRun }, { signal, onEvent });
    if (out.json) out.document(done);
    else out.print(wentBackLines(done, { kind: "undo", verbose: flags.verbose }, lookOf(session, deps)));
    return "ok";
  },
});
