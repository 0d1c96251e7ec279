import { addSource, type AddSourceInput, type AddSourceResult } from "./add-source.ts";
import type { Context, Deps } from "./deps.ts";
import { noteChange } from "./history.ts";

export type InitInput = {
  /** This machine's name; default: the host name. */
  readonly device: string | undefined;
  /** The first source; undefined makes the config file only. */
  readonly source: AddSourceInput | undefined;
  readonly dryRun: boolean;
};

export type InitResult = {
  readonly configFile: string;
  /** False when there was a config file already; it was kept. */
  readonly created: boolean;
  readonly device: string;
  readonly source: AddSourceResult | undefined;
};

/** Writes the first config file and, if asked, takes in the first source. An existing file is never replaced. */
export async function initLull(deps: Deps, input: InitInput, context: Context): Promise<InitResult> {
  const created = !deps.config.exists();
  const device = created ? (input.device ?? deps.hostName) : (await deps.config.load()).config.device;
  const source =
    input.source === undefined
      ? undefined
      : // A folder that can not be taken in leaves no config behind that would look like a finished set-up.
        await addSource(deps, { ...input.source, dryRun: input.dryRun, device }, context);
  if (created && source === undefined && !input.dryRun) await deps.config.create({ device });
  if (created && !input.dryRun)
    noteChange(deps, { action: "init", source: undefined, detail: { file: deps.config.file, device } });
  return { configFile: deps.config.file, created, device, source };
}
