import { dlopen, FFIType, type Pointer, read } from "bun:ffi";
import { readdirSync } from "node:fs";
import { constants } from "node:os";

import { LullError, systemCode } from "../base/errors.ts";
import { currentSystem } from "./system.ts";

/** flock(2): LOCK_EX or LOCK_SH, and LOCK_NB, the same numbers on Linux and macOS. */
const EXCLUSIVE_NOT_BLOCKING = 2 | 4;
const SHARED_NOT_BLOCKING = 1 | 4;

type Flock = {
  readonly call: (handle: number, operation: number) => number;
  readonly errno: () => number;
};

let flock: Flock | "unavailable" | undefined;

/**
 * Locks an open file for this process. `unavailable`: this system or this file system has no flock that can be
 * called (Windows, an unknown C library, some network file systems). Throws `LOCK_FAILED` for everything else: a
 * lock of another kind beside somebody's flock would let two processes hold "the" lock.
 * @param shared beside others that share it, but not beside one that has it for itself
 */
export function tryFlock(handle: number, shared = false): "held" | "busy" | "unavailable" {
  flock ??= loadFlock();
  if (flock === "unavailable") return "unavailable";
  const operation = shared ? SHARED_NOT_BLOCKING : EXCLUSIVE_NOT_BLOCKING;
  return flock.call(handle, operation) === 0 ? "held" : refusal(flock.errno());
}

/** What a refused flock means by its error number. */
export function refusal(errno: number): "busy" | "unavailable" {
  const { EWOULDBLOCK, EINTR, ENOSYS, EOPNOTSUPP, ENOTSUP, EINVAL } = constants.errno;
  // 0: the number was lost on the way here; a lock that may be held counts as held.
  if ([EWOULDBLOCK, EINTR, 0].includes(errno)) return "busy";
  // "Not implemented", "not supported" and, by some FUSE file systems, "invalid": the same for every process.
  if ([ENOSYS, EOPNOTSUPP, ENOTSUP, EINVAL].includes(errno)) return "unavailable";
  const name =
    Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `error ${errno}`;
  throw new LullError({
    kind: "failed",
    code: "LOCK_FAILED",
    message: `the system refused a lock (${name})`,
    hint: "look whether the state folder lies on a network file system; LULL_HOME puts it elsewhere",
  });
}

function loadFlock(): Flock | "unavailable" {
  for (const { library, errno } of candidates()) {
    try {
      const { symbols } = dlopen(library, {
        flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
        [errno]: { args: [], returns: FFIType.ptr },
      });
      const place = symbols[errno] as () => Pointer | null;
      const call = symbols["flock"] as Flock["call"];
      return { call, errno: () => numberAt(place()) };
    } catch {
      // Not this one; the next candidate or the fall-back serves.
    }
  }
  return "unavailable";
}

function numberAt(place: Pointer | null): number {
  return place === null ? 0 : read.i32(place, 0);
}

type Candidate = {
  readonly library: string;
  /** The function that tells where this thread's error number is; it has no name of its own in C. */
  readonly errno: string;
};

function candidates(): readonly Candidate[] {
  switch (currentSystem()) {
    case "windows":
      return [];
    case "macos":
      return [{ library: "libSystem.B.dylib", errno: "__error" }];
    case "linux":
      return ["libc.so.6", ...muslLibraries()].map((library) => ({ library, errno: "__errno_location" }));
  }
}

function muslLibraries(): readonly string[] {
  try {
    return readdirSync("/lib").filter((name) => /^libc\.musl-.*\.so\.1$/.test(name));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
}
