import type { Clock } from "../base/clock.ts";
import { systemTimers } from "../base/timers.ts";
import { createMachineReaders } from "../platform/readings/machine-readers.ts";
import type { MachineReaders } from "../platform/readings/readings.ts";
import { runProgram } from "../platform/run-program.ts";
import type { System } from "../platform/system.ts";

/** The readers of this very machine. */
export function machineReaders(input: {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly system: System;
}): MachineReaders {
  const { clock, environment, system } = input;
  return createMachineReaders(system, { runProgram, environment, root: "/", clock, timers: systemTimers });
}
