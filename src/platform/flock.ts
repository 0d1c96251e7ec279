import { dlopen, FFIType } from "bun:ffi";
import { readdirSync } from "node:fs";

import { systemCode } from "../base/errors.ts";
import { currentSystem } from "./system.ts";

/** flock(2): LOCK_EX | LOCK_NB, the same numbers on Linux and macOS. */
const EXCLUSIVE_NOT_BLOCKING = 2 | 4;

type Flock = (handle: number, operation: number) => number;

let flock: Flock | "unavailable" | undefined;

/**
 * Locks an open file for this process. `unavailable`: this system has no flock that can be called (Windows, an
 * unknown C library).
 */
export function tryFlock(handle: number): "held" | "busy" | "unavailable" {
  flock ??= loadFlock();
  if (flock === "unavailable") return "unavailable";
  return flock(handle, EXCLUSIVE_NOT_BLOCKING) === 0 ? "held" : "busy";
}

function loadFlock(): Flock | "unavailable" {
  for (const library of candidates()) {
    try {
      const { symbols } = dlopen(library, {
        flock: { args: [FFIType.i32, FFIType.i32], returns: FFIType.i32 },
      });
      return symbols.flock;
    } catch {
      // Not this one; the next candidate or the fall-back serves.
    }
  }
  return "unavailable";
}

function candidates(): readonly string[] {
  switch (currentSystem()) {
    case "windows":
      return [];
    case "macos":
      return ["libSystem.B.dylib"];
    case "linux":
      return ["libc.so.6", ...muslLibraries()];
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
