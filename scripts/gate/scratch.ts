/**
 * Where the tests put their files. Most of the time of a sync is waiting for the disk to have the bytes; what the tests
 * prove does not depend on that, so that they run in memory where there is enough of it.
 */
import { chmodSync, existsSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { freemem, tmpdir } from "node:os";
import { join } from "node:path";

export type Scratch = { readonly path: string; readonly remove: () => void };

export type ScratchOptions = { readonly memory?: string; readonly enoughBytes?: number };

/** Linux keeps it in memory on nearly every machine. */
const MEMORY = "/dev/shm";
/** All that the tests hold at one moment is below 1 GB; what needs more asks for the disk (`test/helpers/on-disk.ts`). */
const ENOUGH_BYTES = 4e9;
const ENDS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Makes a new folder, which is removed as well when a signal ends the program. */
export function makeScratch({ memory = MEMORY, enoughBytes = ENOUGH_BYTES }: ScratchOptions = {}): Scratch {
  const inMemory = memoryFolder(memory, enoughBytes);
  const path = inMemory ?? mkdtempSync(join(tmpdir(), "lull-gate-"));
  // Some tests act as another user, who has to find the way to their files.
  chmodSync(path, 0o711);
  const clear = (): void => rmSync(path, { recursive: true, force: true, maxRetries: 5 });
  const remove = (): void => {
    clear();
    for (const signal of ENDS) process.off(signal, end);
  };
  const end = (signal: NodeJS.Signals): void => {
    try {
      // Once more of the same kind, as a launcher passes it on, must not cut this short.
      clear();
    } finally {
      for (const each of ENDS) process.off(each, end);
      process.kill(process.pid, signal);
    }
  };
  for (const signal of ENDS) process.on(signal, end);
  return { path, remove };
}

/** Undefined where there is none, too little of it, or no program may be started from it, as in many containers. */
function memoryFolder(parent: string, enoughBytes: number): string | undefined {
  if (!existsSync(parent)) return undefined;
  const { bavail, bsize } = statfsSync(parent);
  if (Math.min(bavail * bsize, freemem()) < enoughBytes) return undefined;
  let path: string | undefined;
  try {
    path = mkdtempSync(join(parent, "lull-gate-"));
    const program = join(path, "program");
    writeFileSync(program, "#!/bin/sh\n");
    chmodSync(program, 0o700);
    if (Bun.spawnSync([program]).exitCode === 0) return path;
  } catch {
    // Not ours to write in, or to start programs from.
  }
  if (path !== undefined) rmSync(path, { recursive: true, force: true });
  return undefined;
}
