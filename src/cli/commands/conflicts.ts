import { listConflicts } from "../../app/conflicts/list-conflicts.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { conflictLines } from "../print/conflicts.ts";
import { sourceNames } from "../source-names.ts";

export const conflictsCommand = defineCommand({
  meta: {
    name: "conflicts",
    details: [
      "A conflict is one path that two devices changed and that could not be merged. It stays open until one of the two versions is gone: by `lull resolve`, or when you delete the copy yourself. Every device that syncs the source sees it, whichever of them met it.",
      "local is the version of the device that met the conflict, remote the one that came from the remote. What a rule of the source has settled (newest, ours, theirs, union) shows with --all; the version that lost is in the history.",
      "While a conflict is open the command ends with the exit code 5.",
    ],
    examples: [
      { command: "lull conflicts", does: "the open ones of all sources" },
      { command: "lull conflicts notes --all", does: "of notes, those that are resolved as well" },
    ],
    exits: ["conflict"],
  },
  args: {
    ...sourceNames("look at"),
    all: { type: "boolean", description: "Also those that are resolved" },
  },
  run: async (session, { names, all }) => {
    const deps = await session.deps();
    const conflicts = await listConflicts(deps, { names, all });
    if (session.out.json) session.out.document({ conflicts });
    else session.out.print(conflictLines(conflicts, lookOf(session, deps)));
    return conflicts.some(({ resolvedAt }) => resolvedAt === undefined) ? "conflict" : "ok";
  },
});
