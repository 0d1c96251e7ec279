import { LullError } from "../base/errors.ts";
import type { Deps, NewSource } from "./deps.ts";

/**
 * Checks entries against the config as it is. To be called before anything is made: a repository without its entry would
 * be found later as if the person had made it.
 * @throws LullError `BAD_SOURCE` (kind `usage`), and what the config as it stands has to say
 */
export async function refuseInvalidSources(
  deps: Pick<Deps, "config">,
  sources: readonly NewSource[],
): Promise<void> {
  try {
    await deps.config.addSources(sources, { dryRun: true });
  } catch (error) {
    if (!(error instanceof LullError) || error.code !== "CONFIG_INVALID") throw error;
    // The place is that of a line which is not in the file.
    const reason = error.message.replace(deps.config.file, "").replace(/^:\d+:\d+: /, "");
    const names = sources.map(({ name }) => `"${name}"`).join(", ");
    throw new LullError({
      kind: "usage",
      code: "BAD_SOURCE",
      message: `${names} can not be taken in: ${reason}`,
      hint: "nothing was changed; `lull add --help` shows how to name folder, --name, --remote and --schedule",
    });
  }
}
