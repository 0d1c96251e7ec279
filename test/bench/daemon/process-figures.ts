/** What the kernel counted for a process; Linux. */
import { readdirSync, readFileSync } from "node:fs";

/** Of `/proc/<pid>/stat`: clock ticks in a second, on every Linux. */
const TICKS = 100;

export type ProcessFigures = {
  readonly residentMb: number;
  /** Shared pages counted by their share. */
  readonly proportionalMb: number;
  readonly cpuSeconds: number;
  /** How often its threads went to sleep by themselves: each is a wake-up. */
  readonly sleeps: number;
};

export function processFigures(pid: number): ProcessFigures {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /s, "")
    .split(" ");
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const sleeps = readdirSync(`/proc/${pid}/task`).map((thread) =>
    kilo(readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8"), /^voluntary_ctxt_switches:\s+(\d+)/m),
  );
  return {
    residentMb: kilo(status, /^VmRSS:\s+(\d+)/m) / 1024,
    proportionalMb: kilo(rollup, /^Pss:\s+(\d+)/m) / 1024,
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS,
    sleeps: sleeps.reduce((sum, one) => sum + one, 0),
  };
}

function kilo(text: string, pattern: RegExp): number {
  return Number(pattern.exec(text)?.[1] ?? Number.NaN);
}
