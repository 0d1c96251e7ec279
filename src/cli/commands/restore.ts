import { bringBack } from "../../app/go-back.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { MOMENT_HINT, readMoment } from "../moment.ts";
import { wentBackLines } from "../print/savepoints.ts";
import { showSyncEvent } from "../print/sync-event.ts";
import { usageError } from "../usage-error.ts";

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
    exits: ["unsafe", "locked", "conflict"],
  },
  args: {
    name: { type: "positional", required: true, valueHint: "NAME", description: "The source" },
    paths: {
      type: "positional",
      required: false,
      variadic: true,
      valueHint: "PATH",
      description: "Only these files and folders",
    },
    at: { type: "string", valueHint: "WHEN", description: "As they were at this time" },
  },
  run: async (session, { name, paths, at }) => {
    const { out, flags, signal } = session;
    if (at === undefined) {
      throw usageError(
        "MISSING_ARGUMENT",
        "--at is missing: as it was when?",
        `lull restore ${name} --at WHEN; \`lull savepoints ${name}\` shows what there is`,
      );
    }
    const deps = await session.deps();
    const input = {
      kind: "restore",
      name,
      paths,
      to: { text: at, time: readMoment(at, session.clock) },
      dryRun: flags.dryRun,
    } as const;
    const onEvent = showSyncEvent(out.progress, session.log);
    const done = await bringBack(deps, input, { signal, onEvent });
    if (out.json) out.document(done);
    else out.print(wentBackLines(done, { kind: "restore", verbose: flags.verbose }, lookOf(session, deps)));
    return "ok";
  },
});
