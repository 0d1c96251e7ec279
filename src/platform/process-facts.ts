/** What the system tells about a process of the same user; cheap enough to be asked every few seconds. */
import { readFileSync } from "node:fs";

import { currentSystem } from "./system.ts";

/** Resident bytes; undefined where that can not be told without another program, and for a process that is gone. */
export function residentBytes(pid: number): number | undefined {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readProc(pid, "status") ?? "")?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
}

/**
 * A text that no other process with this number has: when it was started, in the kernel's own words. Undefined where
 * that can not be told.
 */
export function processStart(pid: number): string | undefined {
  // The name in brackets may hold anything, brackets and spaces too; the 22nd field counts from behind it.
  const fields = readProc(pid, "stat")
    ?.replace(/^.*\) /s, "")
    .split(" ");
  return fields?.[19];
}

function readProc(pid: number, name: string): string | undefined {
  if (currentSystem() !== "linux") return undefined;
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}
