/** Names by which a process of a machine is known again after its end: what it left behind is nobody's then. */
import { readFileSync } from "node:fs";

import { systemClock } from "../../base/clock.ts";
import { systemCode } from "../../base/errors.ts";
import { processIdentity } from "./process-identity.ts";

/** Names of one process are told apart by a counter. */
let counter = 0;

/** `<machine>-<boot>-<pid>-<start>-<counter>`; where the machine has no identity, a name that is never judged. */
export function processName(): string {
  const { machine, boot } = processIdentity();
  const own = `${process.pid}-${startTime(process.pid) ?? 0}-${++counter}`;
  return machine === undefined ? `unknown-${own}` : `${machine}-${boot}-${own}`;
}

/**
 * A process id can come again; together with the time at which it started it is unique within one start of one
 * machine. What an earlier start of this machine left is nobody's any more, but only when it is not fresh: a cloned
 * machine may have the same identity, and it holds a lock for milliseconds.
 * @param writtenAt wall time at which the name was left somewhere, by the file system
 */
export function isProcessAlive(name: string, writtenAt: number): boolean {
  const [, machine, boot, pid, started] = /^([0-9a-f]{12})-([0-9a-f]{12})-(\d+)-(\d+)-\d+$/.exec(name) ?? [];
  const own = processIdentity();
  if (pid === undefined || own.machine === undefined || machine !== own.machine) return true;
  // By the wall clock, as both times come from it; a clock that went back makes it look fresh, which is safe.
  if (boot !== own.boot) return systemClock.now() - writtenAt < FRESH_MS;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
  return started === "0" || started === (startTime(Number(pid)) ?? started);
}

const FRESH_MS = 60_000;

/** Clock ticks after boot, field 22 of /proc/<pid>/stat; undefined where there is no /proc. */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field is the program's name in parentheses and may hold anything.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
