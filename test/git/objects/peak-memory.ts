import { join } from "node:path";

/** Returns the most kilobytes that were resident in a process that runs this; read from /proc. */
export function peakOf(code: string): number {
  const objects = join(import.meta.dir, "../../../src/git/objects");
  const script = `
    import { createReadStream, openSync, readFileSync } from "node:fs";
    import { ingestPack } from "${objects}/ingest-pack.ts";
    import { openObjectStore } from "${objects}/object-store.ts";
    ${code};
    console.log(/VmHWM:\\s+(\\d+)/.exec(readFileSync("/proc/self/status", "latin1"))[1]);`;
  const { stdout, stderr } = Bun.spawnSync([process.execPath, "-e", script], { stderr: "pipe" });
  const peak = Number(stdout.toString());
  if (!(peak > 0)) throw new Error(stderr.toString());
  return peak;
}
