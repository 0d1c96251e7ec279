import { removeSource } from "../../app/remove-source.ts";
import { shortPath } from "../../app/user-path.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";

export const removeCommand = defineCommand({
  meta: {
    name: "remove",
    details: ["Only the config is changed. The folder, its repository, its remote and its history all stay."],
    examples: [
      { command: "lull remove notes", does: "stops syncing notes" },
      { command: "lull remove notes --dry-run", does: "shows what would be done" },
    ],
  },
  args: {
    name: { type: "positional", required: true, valueHint: "NAME", description: "Name of the source" },
  },
  run: async (session, { name }) => {
    const deps = await session.deps();
    const { out, flags } = session;
    const removed = await removeSource(deps, { name, dryRun: flags.dryRun });
    if (out.json) {
      out.document(removed);
      return "ok";
    }
    const kept = [removed.directory, ...removed.remotes].filter((path) => path !== undefined);
    out.say([
      `${out.style.green(out.symbols.done)} ${removed.dryRun ? "Would remove" : "Removed"} the source ${out.style.bold(safeText(removed.name))} from the config`,
      ...kept.map((path) => `  stays  ${safeText(shortPath(path, deps.home))}`),
    ]);
    return "ok";
  },
});
