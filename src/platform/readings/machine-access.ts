import { readFile } from "node:fs/promises";

import type { Clock } from "../../base/clock.ts";
import type { RunProgram } from "../../base/program.ts";
import type { Timers } from "../../base/timers.ts";

/** What the readers reach the machine by, so that tests give them a machine made up. */
export type MachineAccess = {
  readonly runProgram: RunProgram;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Folder in which `proc` and `sys` lie: `/`. */
  readonly root: string;
  readonly clock: Clock;
  readonly timers: Timers;
};

/** Returns the text of a small file below the root, without its last line end; undefined when it can not be read. */
export async function textAt({ root }: MachineAccess, path: string): Promise<string | undefined> {
  try {
    return (await readFile(`${root}/${path}`, "utf8")).trimEnd();
  } catch {
    // Of the kernel's files some are missing, some can not be read while the device sleeps (ENODEV, EIO).
    return undefined;
  }
}

/** Texts that programs print must be those of the documentation, not of the user's language. */
export function plainEnvironment({ environment }: MachineAccess): MachineAccess["environment"] {
  return { ...environment, LC_ALL: "C", LANG: "C" };
}

/** Leaves half of a reading's time to whoever answers in the stead of a program that hangs. */
const PROGRAM_DEADLINE_MS = 1000;

/** Returns what a program printed; undefined when it is missing, late or failed. */
export async function outputOf(
  access: MachineAccess,
  command: readonly [program: string, ...args: string[]],
  {
    signal,
    deadlineMs = PROGRAM_DEADLINE_MS,
  }: { readonly signal: AbortSignal; readonly deadlineMs?: number },
): Promise<string | undefined> {
  const result = await access.runProgram(command, { deadlineMs, signal, env: plainEnvironment(access) });
  return result.kind === "ended" && result.code === 0 ? result.stdout : undefined;
}
