import { availableParallelism } from "node:os";

import { type MachineAccess, textAt } from "../machine-access.ts";
import { known, type Readings, unknown } from "../readings.ts";

/**
 * The kernel counts what waits on the whole machine, so all of its processors count, whatever share of them a control
 * group leaves to lull; lxcfs gives a container its own figures in both files.
 */
export async function readLoad(access: MachineAccess): Promise<Readings["load"]> {
  const load = Number.parseFloat((await textAt(access, "proc/loadavg")) ?? "");
  if (!Number.isFinite(load)) return unknown("/proc/loadavg can not be read");
  const online = await textAt(access, "sys/devices/system/cpu/online");
  return known(load / (countOfList(online ?? "") ?? availableParallelism()), "/proc/loadavg");
}

/** `0-3,8`: 5 (the kernel's list format). */
export function countOfList(list: string): number | undefined {
  if (!/^\d+(?:-\d+)?(?:,\d+(?:-\d+)?)*$/.test(list)) return undefined;
  return list
    .split(",")
    .map((part) => part.split("-").map(Number))
    .reduce((count, [from = 0, to = from]) => count + to - from + 1, 0);
}
