/** The processes that a test started, from Linux's /proc. */
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** The numbers of the children of a process; none when it is gone. */
export function childrenOf(pid: number): readonly number[] {
  return (read(`/proc/${pid}/task/${pid}/children`) ?? "").split(" ").filter(Boolean).map(Number);
}

export function isAlive(pid: number): boolean {
  const status = read(`/proc/${pid}/status`);
  return status !== undefined && !/^State:\s+Z/m.test(status);
}

/** Every process that runs with this home folder. */
export function processesOf(home: string): readonly number[] {
  return processesWith("HOME", home);
}

/** Every process in whose environment a variable has this value; none where there is no /proc. */
export function processesWith(name: string, value: string): readonly number[] {
  if (!existsSync("/proc")) return [];
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && isAlive(Number(pid)))
    .filter((pid) => read(`/proc/${pid}/environ`)?.split("\0").includes(`${name}=${value}`) === true)
    .map(Number);
}

/** A process and all below it, at once. */
export function killTree(pid: number): void {
  const below = childrenOf(pid);
  kill(pid);
  for (const child of below) killTree(child);
}

function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** What stands in the command line and the environment of a process, for everybody who runs `ps`. */
export function commandLineOf(pid: number): string {
  return read(`/proc/${pid}/cmdline`)?.replaceAll("\0", " ") ?? "";
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
