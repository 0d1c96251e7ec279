import { forgetDevice } from "../../app/devices/forget-device.ts";
import { safeText } from "../../base/safe-text.ts";
import { defineCommand } from "../command.ts";
import { showWarnings } from "../show-warnings.ts";

export const deviceForgetCommand = defineCommand({
  meta: {
    name: "device forget",
    details: [
      "Only the list changes, in all remotes of your sources: no file and no commit goes. It takes no access away either; do that where the remote lives. A device that syncs again is back.",
    ],
    examples: [{ command: "lull device forget old-phone", does: "takes old-phone off the list" }],
    exits: ["unreachable", "auth"],
  },
  args: {
    device: { type: "positional", required: true, valueHint: "NAME", description: "Its name, or its id" },
  },
  run: async (session, { device }) => {
    const deps = await session.deps();
    const { out, flags } = session;
    const forgotten = await forgetDevice(deps, { device, dryRun: flags.dryRun }, { signal: session.signal });
    if (out.json) out.document(forgotten);
    else
      out.say([
        `${out.style.green(out.symbols.done)} ${flags.dryRun ? "Would forget" : "Forgot"} ${out.style.bold(safeText(forgotten.device.name))}`,
        ...forgotten.remotes.map((remote) => `    in ${safeText(remote)}`),
      ]);
    showWarnings(session, forgotten.warnings);
    return "ok";
  },
});
