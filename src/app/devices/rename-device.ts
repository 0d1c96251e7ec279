import { LullError } from "../../base/errors.ts";
import type { Deps } from "../deps.ts";
import { noteChange } from "../history.ts";

export type RenamedDevice = { readonly before: string; readonly name: string; readonly dryRun: boolean };

/**
 * Gives this device another name, in the config; the remotes learn of it with the next sync. Commits and copies that
 * bear the old name keep it.
 * @throws LullError `BAD_VALUE` (kind `usage`) and those of the config
 */
export async function renameDevice(
  deps: Deps,
  input: { readonly name: string; readonly dryRun: boolean },
): Promise<RenamedDevice> {
  const { config } = await deps.config.load();
  const name = input.name.trim();
  if (name === "")
    throw new LullError({
      kind: "usage",
      code: "BAD_VALUE",
      message: "a device needs a name",
      hint: "lull device rename work-laptop",
    });
  await deps.config.set("device", name, { dryRun: input.dryRun });
  if (!input.dryRun)
    noteChange(deps, { action: "device rename", source: undefined, detail: { before: config.device, name } });
  return { before: config.device, name, dryRun: input.dryRun };
}
