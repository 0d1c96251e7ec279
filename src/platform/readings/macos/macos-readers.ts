/**
 * How macOS answers: by the command-line tools that come with it. This folder knows their texts; it must not know what
 * a reading is good for.
 */
import { availableParallelism, loadavg } from "node:os";

import { type MachineAccess, outputOf } from "../machine-access.ts";
import type { SystemReaders } from "../machine-readers.ts";
import { known, type Readings, unknown } from "../readings.ts";
import { readNetwork } from "./network.ts";
import { idleOf, isSaving, supplyOf } from "./outputs.ts";

export function macosReaders(access: MachineAccess): SystemReaders {
  return {
    network: async (signal) => readNetwork(access, signal),
    idle: async (signal) => readIdle(access, signal),
    power: async (signal) => readPower(access, signal),
    load: () => Promise.resolve(known((loadavg()[0] ?? 0) / availableParallelism(), "getloadavg")),
  };
}

async function readIdle(access: MachineAccess, signal: AbortSignal): Promise<Readings["idle"]> {
  // Of this class only, without what hangs below it: all of the registry are megabytes.
  const output = await outputOf(access, ["/usr/sbin/ioreg", "-r", "-d", "1", "-c", "IOHIDSystem"], {
    signal,
  });
  const idleMs = output === undefined ? undefined : idleOf(output);
  return idleMs === undefined
    ? unknown("ioreg does not tell the last input")
    : known({ kind: "used", idleMs }, "ioreg");
}

async function readPower(access: MachineAccess, signal: AbortSignal): Promise<Readings["power"]> {
  const [battery, settings] = await Promise.all([
    outputOf(access, ["/usr/bin/pmset", "-g", "batt"], { signal }),
    outputOf(access, ["/usr/bin/pmset", "-g"], { signal }),
  ]);
  const supply = battery === undefined ? undefined : supplyOf(battery);
  if (supply === undefined) return unknown("pmset does not tell what the machine runs on");
  return known({ ...supply, powerSaver: settings === undefined ? undefined : isSaving(settings) }, "pmset");
}
