/** A machine made up for readers: files below a folder, programs that print what was recorded. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { systemClock } from "../../../src/base/clock.ts";
import type { ProgramResult, RunProgram } from "../../../src/base/program.ts";
import { systemTimers } from "../../../src/base/timers.ts";
import type { MachineAccess } from "../../../src/platform/readings/machine-access.ts";
import { rememberTemporary } from "../../helpers/temporary.ts";

export const NOBODY_STOPS = new AbortController().signal;

/** @param files path below the root → text */
export function fakeRoot(files: Readonly<Record<string, string>>): string {
  const root = rememberTemporary(mkdtempSync(join(tmpdir(), "machine-")));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** @param outputs beginning of a command → what it prints; any other program is missing */
export function recorded(
  outputs: Readonly<Record<string, string | ProgramResult>>,
): RunProgram & { readonly commands: readonly string[] } {
  const commands: string[] = [];
  const run: RunProgram = (command) => {
    const line = command.join(" ");
    commands.push(line);
    const found = Object.entries(outputs).find(([start]) => line.startsWith(start))?.[1];
    if (typeof found === "string")
      return Promise.resolve({ kind: "ended", code: 0, stdout: found, stderr: "" });
    return Promise.resolve(found ?? { kind: "missing" });
  };
  return Object.assign(run, { commands });
}

export function machine(given: Partial<MachineAccess> = {}): MachineAccess {
  return {
    runProgram: recorded({}),
    environment: {},
    root: "/nowhere",
    clock: systemClock,
    timers: systemTimers,
    ...given,
  };
}
