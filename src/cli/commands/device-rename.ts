import { renameDevice } from "../../app/devices/rename-device.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";

export const deviceRenameCommand = defineCommand({
  meta: {
    name: "device rename",
    details: [
      "The name stands in commit messages and in the names of conflict copies. The others see the new one after the next sync; it stays the same device.",
    ],
    examples: [{ command: "lull device rename work-laptop", does: "this device is work-laptop from now on" }],
  },
  args: {
    name: { type: "positional", required: true, valueHint: "NAME", description: "The new name" },
  },
  run: async (session, { name }) => {
    const deps = await session.deps();
    const { out, flags } = session;
    const renamed = await renameDevice(deps, { name, dryRun: flags.dryRun });
    if (out.json) out.document(renamed);
    else
      out.say([
        `${out.style.green(out.symbols.done)} ${flags.dryRun ? "Would rename" : "Renamed"} this device: ${safeText(renamed.before)} is now ${out.style.bold(safeText(renamed.name))}`,
      ]);
    return "ok";
  },
});
