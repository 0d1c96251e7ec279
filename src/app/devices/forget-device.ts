import { LullError } from "../../base/errors.ts";
import { nearestWord } from "../../base/nearest-word.ts";
import { authorOf } from "../../sync/author.ts";
import { deviceMessage, readDevice } from "../../sync/devices/device-record.ts";
import type { Context, Deps } from "../deps.ts";
import { noteChange } from "../history.ts";
import { type DeviceView, eachRemote, listDevices } from "./list-devices.ts";

export type ForgetDeviceInput = {
  /** Its name, or its id where two have the same name. */
  readonly device: string;
  readonly dryRun: boolean;
};

export type ForgottenDevice = {
  readonly device: DeviceView;
  /** The remotes that were told, as `source remote`. */
  readonly remotes: readonly string[];
  readonly warnings: readonly string[];
  readonly dryRun: boolean;
};

/**
 * Takes a device off the lists in all remotes. Nothing of what it synced goes; should it sync again, it is back.
 * @throws LullError `UNKNOWN_DEVICE`, `AMBIGUOUS_DEVICE`, `THIS_DEVICE` (kind `usage`), those of a remote
 */
export async function forgetDevice(
  deps: Deps,
  input: ForgetDeviceInput,
  context: Context,
): Promise<ForgottenDevice> {
  const { config } = await deps.config.load();
  const { devices, warnings } = await listDevices(deps, { names: [], offline: false }, context);
  const device = findDevice(devices, input.device);
  const remotes: string[] = [];
  await eachRemote(deps, [], async ({ source, repository, remote, tracking, connect }) => {
    const known = readDevice(repository.records(tracking).get(device.id)?.message ?? "");
    if (known === undefined || known.forgotten) return;
    if (!input.dryRun)
      await repository.pushRecord({
        connection: await connect(context.signal),
        remote: tracking,
        id: device.id,
        message: deviceMessage({ ...known, forgotten: true }),
        author: authorOf({ repository, deps: { ...deps, device: config.device } }),
        signal: context.signal,
      });
    remotes.push(`${source.name} ${remote.name}`);
  });
  if (!input.dryRun)
    noteChange(deps, {
      action: "device forget",
      source: undefined,
      detail: { device: device.name, id: device.id },
    });
  return { device, remotes, warnings, dryRun: input.dryRun };
}

function findDevice(devices: readonly DeviceView[], text: string): DeviceView {
  const found = devices.filter(({ id, name }) => id === text || name === text);
  const [first] = found;
  if (first === undefined) {
    const nearest = nearestWord(
      text,
      devices.map(({ name }) => name),
    );
    throw usage("UNKNOWN_DEVICE", `there is no device named "${text}"`, {
      hint: `${nearest === undefined ? "" : `did you mean "${nearest}"? `}\`lull device list\` shows all`,
    });
  }
  if (found.length > 1)
    throw usage("AMBIGUOUS_DEVICE", `${found.length} devices are named "${text}"`, {
      hint: `give an id instead: ${found.map(({ id }) => id).join(", ")}`,
    });
  if (first.isThis)
    throw usage("THIS_DEVICE", `"${text}" is this device, which would be back with its next sync`, {
      hint: "stop syncing here first: lull remove NAME; then forget it on another device",
    });
  return first;
}

function usage(code: string, message: string, { hint }: { readonly hint: string }): LullError {
  return new LullError({ kind: "usage", code, message, hint });
}
