/**
 * How Linux answers: by its services on D-Bus where they run, by the kernel's files where not. This folder knows
 * NetworkManager, logind, Mutter, UPower and their kin; it must not know what a reading is good for.
 */
import type { MachineAccess } from "../machine-access.ts";
import type { SystemReaders } from "../machine-readers.ts";
import { DBus } from "./dbus.ts";
import { readIdle } from "./idle.ts";
import { readLoad } from "./load.ts";
import { readNetwork } from "./network.ts";
import { readPower } from "./power.ts";

export function linuxReaders(access: MachineAccess): SystemReaders {
  const bus = new DBus(access);
  return {
    network: async (signal) => readNetwork({ access, bus, signal }),
    idle: async (signal) => readIdle({ access, bus, signal }),
    power: async (signal) => readPower({ access, bus, signal }),
    load: async () => readLoad(access),
  };
}
