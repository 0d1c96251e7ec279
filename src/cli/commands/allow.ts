import { allowGuard } from "../../app/allow-guard.ts";
import { defineCommand } from "../command.ts";
import { lookOf } from "../look-of.ts";
import { allowLines } from "../print/allow.ts";
import { usageError } from "../usage-error.ts";

export const allowCommand = defineCommand({
  meta: {
    name: "allow",
    details: [
      "A guard that stops a source (many deletions, everything changed, an emptied folder, another repository in its place, files behind a filter) is overruled once, for exactly what it saw: should more be deleted meanwhile, it asks again. The source goes on at once when the daemon runs.",
      "A file that a guard leaves out (a secret in it, its size, its name) is named by its path in the source, and is carried from now on. Of secrets only those that are in it now are allowed.",
    ],
    examples: [
      { command: "lull allow notes", does: "lets through what stopped the source" },
      { command: "lull allow notes docs/example.env", does: "carries a file that was left out" },
      { command: "lull allow notes --list", does: "shows what waits and what is allowed" },
      { command: "lull allow notes docs/example.env --remove", does: "takes that back" },
    ],
    exits: ["locked"],
  },
  args: {
    name: { type: "positional", required: true, valueHint: "NAME", description: "The source" },
    what: {
      type: "positional",
      required: false,
      variadic: true,
      valueHint: "PATH|GUARD",
      description: "Files that are left out, or a guard by its name; default: what stops the source",
    },
    list: { type: "boolean", description: "Show what guards hold back and what is allowed" },
    remove: { type: "boolean", description: "Take back what was allowed; all of it when nothing is named" },
  },
  run: async (session, { name, what, list, remove }) => {
    const { out, flags, signal } = session;
    if (list && remove)
      throw usageError("BAD_VALUE", "--list and --remove do not go together", "leave one out");
    const deps = await session.deps();
    const action = list ? "list" : remove ? "remove" : "allow";
    const result = await allowGuard(deps, { name, what, action, dryRun: flags.dryRun }, { signal });
    if (out.json) out.document(result);
    else if (list) out.print(allowLines(result, action, lookOf(session, deps)));
    else out.say(allowLines(result, action, lookOf(session, deps)));
    return "ok";
  },
});
