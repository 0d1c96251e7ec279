import { readFileSync } from "node:fs";

import { currentSystem } from "../system.ts";

/**
 * A number that differs after a file system was mounted or unmounted anywhere; undefined where that can not be told
 * cheaply. The kernel's own list never blocks, unlike a look at a folder of a server that is gone.
 */
export function mountsNumber(): bigint | undefined {
  if (currentSystem() !== "linux") return undefined;
  try {
    return BigInt(Bun.hash(readFileSync("/proc/self/mountinfo")));
  } catch {
    return undefined;
  }
}
