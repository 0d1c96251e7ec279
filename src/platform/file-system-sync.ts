/**
 * One call that brings all of a file system to the disk: for hundreds of new files it costs as much as the fsync of
 * a few. Linux only; where it is not to be had, or its answer says nothing, each file is synced by itself.
 */
import { FFIType } from "bun:ffi";
import { closeSync, openSync } from "node:fs";
import { release } from "node:os";

import { loadFromC } from "./c-library.ts";
import { isLocalFileSystem } from "./local-file-system.ts";

export type FileSystemSync = {
  /** False when something that was written since the opening, or the last call, did not reach the disk. */
  run(): boolean;
  close(): void;
};

/**
 * Opens the file system on which the folder lies. To be called before the first write: syncfs tells only of writes
 * that failed while its handle was open.
 * @returns undefined where syncfs is missing or cannot be relied on
 */
export function openFileSystemSync(folder: string): FileSystemSync | undefined {
  if (!tellsFailures(release()) || !isLocalFileSystem(folder)) return undefined;
  syncfs ??= loadSyncfs();
  if (syncfs === "unavailable") return undefined;
  const call = syncfs;
  const handle = openSync(folder, "r");
  return { run: () => call(handle) === 0, close: () => closeSync(handle) };
}

/** Before Linux 5.8 syncfs answers 0 also when a write failed (syncfs(2)). */
export function tellsFailures(kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map(Number.parseFloat);
  return major > 5 || (major === 5 && minor >= 8);
}

type Syncfs = (handle: number) => number;

let syncfs: Syncfs | "unavailable" | undefined;

function loadSyncfs(): Syncfs | "unavailable" {
  const found = loadFromC({ syncfs: { args: [FFIType.i32], returns: FFIType.i32 } });
  return found?.syncfs ?? "unavailable";
}
