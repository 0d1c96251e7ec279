import type { CpuInfo } from "node:os";

import type { MachineAccess } from "../machine-access.ts";
import { known, type Readings, unknown } from "../readings.ts";

type Sampling = {
  readonly sample: () => readonly CpuInfo[];
  readonly share: (before: readonly CpuInfo[], after: readonly CpuInfo[]) => number | undefined;
  readonly signal: AbortSignal;
};

/** Long enough for a clock tick of 15.6 ms to be no matter, short enough for the deadline. */
const SAMPLE_MS = 500;

/** Windows has no load average; what its processors did in half a second stands for it: 1 is all of them busy. */
export async function readLoad(
  { timers }: Pick<MachineAccess, "timers">,
  { sample, share, signal }: Sampling,
): Promise<Readings["load"]> {
  const before = sample();
  const { promise, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  using _timer = timers.after(SAMPLE_MS, resolve);
  await promise;
  const busy = share(before, sample());
  return busy === undefined
    ? unknown("the processors do not tell what they did")
    : known(busy, "the processors' times");
}

/** The share of its time that the machine was busy between two samples; undefined when no time has passed. */
export function busyShare(before: readonly CpuInfo[], after: readonly CpuInfo[]): number | undefined {
  const [first, second] = [totals(before), totals(after)];
  const total = second.total - first.total;
  return total <= 0 ? undefined : Math.max(0, 1 - (second.idle - first.idle) / total);
}

function totals(cpus: readonly CpuInfo[]): { readonly total: number; readonly idle: number } {
  let [total, idle] = [0, 0];
  for (const { times } of cpus) {
    total += times.user + times.nice + times.sys + times.irq + times.idle;
    idle += times.idle;
  }
  return { total, idle };
}
