import { bringBack } from "../../app/go-back.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { MOMENT_HINT, readMoment } from "../moment.ts";
import { wentBackLines } from "../print/savepoints.ts";
import { showSyncEvent } from "../print/sync-event.ts";
import { usageError } from "../usage-error.ts";

export const rollbackCommand = defineCommand({
  meta: {
    name: "rollback",
    details: [
      "The folder, or the paths that you name, becomes as it was: files that came later go. Local work is committed first and a savepoint is taken, so that nothing is lost and `lull undo` leads back. The result is a new commit on top; the history stays as it is.",
      `A state is a savepoint (\`lull savepoints\`), a revision (a commit, branch or tag, HEAD~3), or a time: ${MOMENT_HINT}.`,
    ],
    examples: [
      { command: "lull rollback notes --to 20260301T140500Z", does: "the whole source, to a savepoint" },
      { command: "lull rollback notes plans --to HEAD~3", does: "one folder, to three commits ago" },
      { command: "lull rollback notes --to '2 days ago' --dry-run", does: "shows the plan" },
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
    to: { type: "string", valueHint: "STATE", description: "A savepoint, revision or time" },
  },
  run: async (session, { name, paths, to }) => {
    const { out, flags, signal } = session;
    if (to === undefined) {
      throw usageError(
        "MISSING_ARGUMENT",
        "--to is missing: to which state?",
        `lull rollback ${name} --to STATE; \`lull savepoints ${name}\` shows what there is`,
      );
    }
    const deps = await session.deps();
    const input = {
      kind: "rollback",
      name,
      paths,
      to: { text: to, time: readMoment(to, session.clock) },
      dryRun: flags.dryRun,
    } as const;
    const onEvent = showSyncEvent(out.progress, session.log);
    const done = await bringBack(deps, input, { signal, onEvent });
    if (out.json) out.document(done);
    else out.print(wentBackLines(done, { kind: "rollback", verbose: flags.verbose }, lookOf(session, deps)));
    return "ok";
  },
});
