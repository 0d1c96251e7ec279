import { FFIType } from "bun:ffi";
import { readFileSync } from "node:fs";

import { loadFromC } from "./c-library.ts";
import { currentSystem } from "./system.ts";

/** madvise(2): the pages are read from the file again when they are touched. */
const DONT_NEED = 4;

/**
 * Gives back what of the program's own code and constants lies in memory and was needed only once: of the 50 MB that a
 * start touches, a daemon at rest needs half. The pages are the file's, unchanged; whatever is called again comes back
 * from the system's cache. Linux; elsewhere the system does so when it is short of memory.
 */
export function trimMemory(): void {
  if (currentSystem() !== "linux") return;
  Bun.gc(true);
  const calls = loadFromC({
    madvise: { args: [FFIType.ptr, FFIType.u64, FFIType.i32], returns: FFIType.i32 },
  });
  if (calls === undefined) return;
  for (const { start, length } of unchangedRanges()) calls.madvise(start as never, BigInt(length), DONT_NEED);
}

/** Mappings of files that can not be written, and whose every page is still the file's: another one would be lost. */
function unchangedRanges(): readonly { readonly start: number; readonly length: number }[] {
  const ranges: { start: number; length: number }[] = [];
  let range: { start: number; length: number } | undefined;
  for (const line of smaps().split("\n")) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ (\d+)/.exec(line);
    if (head !== null) {
      const [, from = "", to = "", rights, inode] = head;
      const start = Number.parseInt(from, 16);
      const isOfFile = (rights === "r-xp" || rights === "r--p") && inode !== "0";
      range = isOfFile ? { start, length: Number.parseInt(to, 16) - start } : undefined;
    } else if (range !== undefined && /^Anonymous:\s+0 kB$/.test(line)) {
      ranges.push(range);
      range = undefined;
    }
  }
  return ranges;
}

function smaps(): string {
  try {
    return readFileSync("/proc/self/smaps", "utf8");
  } catch {
    return "";
  }
}
