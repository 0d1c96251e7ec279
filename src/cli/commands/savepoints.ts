import { listSavepoints } from "../../app/list-savepoints.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { savepointLines } from "../print/savepoints.ts";
import { sourceNames } from "../source-names.ts";

export const savepointsCommand = defineCommand({
  meta: {
    name: "savepoints",
    details: [
      "Before a sync, an undo, a rollback or a restore changes anything, lull keeps a picture of the branch, of what is staged, and of all files that are not ignored, committed or not. It takes hardly any room, is never sent anywhere, and stays for `daemon.retention.savepoints` (30 days), the last ten always.",
      "Each is a commit: `git show refs/lull/savepoints/NAME` works, too.",
    ],
    examples: [
      { command: "lull savepoints notes", does: "the last ten of a source" },
      { command: "lull savepoints --all --json", does: "all of them, for a program" },
    ],
  },
  args: {
    ...sourceNames("show"),
    all: { type: "boolean", description: "Show all, not only the last ten of each source" },
  },
  run: async (session, { names, all }) => {
    const { out } = session;
    const deps = await session.deps();
    const sources = await listSavepoints(deps, { names });
    if (out.json) out.document({ sources });
    else out.print(savepointLines(sources, { all }, lookOf(session, deps)));
    return "ok";
  },
});
