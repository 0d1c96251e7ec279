/** The processes of a test's own daemon, from Linux's /proc. */
import { readdirSync, readFileSync } from "node:fs";

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
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && isAlive(Number(name)))
    .filter((name) => read(`/proc/${name}/environ`)?.split("\0").includes(`HOME=${home}`) === true)
    .map(Number);
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
