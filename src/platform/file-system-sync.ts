/**
 * One call that brings all of a file system to the disk: for hundreds of new files it costs as much as the fsync of
 * a few. Linux only; where it is not to be had, or its answer says nothing, each file is synced by itself.
 */
import { dlopen, FFIType } from "bun:ffi";
import { closeSync, openSync, statfsSync } from "node:fs";
import { release } from "node:os";

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
  if (!tellsFailures(release()) || !isReliable(folder)) return undefined;
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

/**
 * File systems of which it is known that syncfs waits for the disk and passes errors on. Not among them: FUSE (the
 * program behind it is not told), overlayfs (errors of the lower file system are lost), network file systems.
 */
const RELIABLE: ReadonlySet<number> = new Set([
  0xef53, // ext4
  0x9123683e, // btrfs
  0x58465342, // xfs
  0xf2f52010, // f2fs
  0x01021994, // tmpfs: there is no disk behind it
]);

function isReliable(folder: string): boolean {
  try {
    return RELIABLE.has(statfsSync(folder).type >>> 0);
  } catch {
    return false;
  }
}

type Syncfs = (handle: number) => number;

let syncfs: Syncfs | "unavailable" | undefined;

/** macOS and Windows have none of these libraries. */
const LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

function loadSyncfs(): Syncfs | "unavailable" {
  for (const library of LIBRARIES) {
    try {
      const { symbols } = dlopen(library, { syncfs: { args: [FFIType.i32], returns: FFIType.i32 } });
      return symbols.syncfs;
    } catch {
      // Not this one; the next candidate or the fall-back serves.
    }
  }
  return "unavailable";
}
