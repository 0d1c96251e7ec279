/**
 * How Windows answers: by its libraries for input and power, by PowerShell for the network. This folder knows their
 * structures and texts; it must not know what a reading is good for.
 */
import { cpus, networkInterfaces } from "node:os";

import type { MachineAccess } from "../machine-access.ts";
import type { SystemReaders } from "../machine-readers.ts";
import { known, unknown } from "../readings.ts";
import { busyShare, readLoad } from "./load.ts";
import { NetworkReader } from "./network.ts";
import { idleOf, powerOf } from "./structures.ts";
import { loadSystemCalls, type SystemCalls } from "./system-calls.ts";

/** What is asked of the runtime and the libraries, for tests on other systems. */
export type WindowsHost = {
  readonly networkInterfaces: typeof networkInterfaces;
  readonly cpus: typeof cpus;
  readonly calls: () => SystemCalls;
};

const HOST: WindowsHost = { networkInterfaces, cpus, calls: loadSystemCalls };

export function windowsReaders(access: MachineAccess, host: WindowsHost = HOST): SystemReaders {
  const network = new NetworkReader(access, host);
  return {
    network: async (signal) => network.read(signal),
    idle: () => {
      const { lastInputInfo, tickCount } = host.calls();
      const info = lastInputInfo();
      return Promise.resolve(
        info === undefined
          ? unknown("GetLastInputInfo failed")
          : known({ kind: "used", idleMs: idleOf(info, tickCount()) } as const, "GetLastInputInfo"),
      );
    },
    power: () => {
      const status = host.calls().powerStatus();
      const power = status === undefined ? undefined : powerOf(status);
      return Promise.resolve(
        power === undefined
          ? unknown("GetSystemPowerStatus does not tell what the machine runs on")
          : known(power, "GetSystemPowerStatus"),
      );
    },
    load: async (signal) => readLoad(access, { sample: () => host.cpus(), share: busyShare, signal }),
  };
}
