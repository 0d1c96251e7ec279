/**
 * Renames that cannot overwrite by mistake, which Node has no call for: renameat2(2) on Linux, renamex_np(2) on macOS.
 * Many network file systems know neither, and an old C library may lack it.
 */
import { FFIType } from "bun:ffi";

import { loadFromC, MACOS_LIBRARY } from "./c-library.ts";
import { currentSystem } from "./system.ts";

/** Each returns false when the system refused, for whatever reason; then nothing has changed. */
export type GuardedRename = {
  /** What stands at the two paths changes places, in one step. */
  exchange(one: string | Buffer, other: string | Buffer): boolean;
  /** Only if nothing stands at the new path, be it a folder or a link. */
  ifFree(from: string | Buffer, to: string | Buffer): boolean;
};

type Call = (from: Buffer, to: Buffer) => number;
let known: GuardedRename | "unavailable" | undefined;

/** @returns undefined where the system has no such call */
export function guardedRename(): GuardedRename | undefined {
  known ??= load() ?? "unavailable";
  return known === "unavailable" ? undefined : known;
}

function load(): GuardedRename | undefined {
  switch (currentSystem()) {
    case "windows":
      return undefined;
    case "macos":
      return loadMacos();
    case "linux":
      return loadLinux();
  }
}

/** "Relative to the working directory"; lull's paths are absolute. */
const AT_FDCWD = -100;
const NOREPLACE = 1;
const EXCHANGE = 2;

function loadLinux(): GuardedRename | undefined {
  const { i32, u32, ptr } = FFIType;
  const found = loadFromC({ renameat2: { args: [i32, ptr, i32, ptr, u32], returns: i32 } });
  if (found === undefined) return undefined;
  const call =
    (flags: number): Call =>
    (from, to) =>
      found.renameat2(AT_FDCWD, from, AT_FDCWD, to, flags);
  return of(call(EXCHANGE), call(NOREPLACE));
}

const RENAME_SWAP = 2;
const RENAME_EXCL = 4;

function loadMacos(): GuardedRename | undefined {
  const { u32, ptr, i32 } = FFIType;
  const found = loadFromC({ renamex_np: { args: [ptr, ptr, u32], returns: i32 } }, [MACOS_LIBRARY]);
  if (found === undefined) return undefined;
  const call =
    (flags: number): Call =>
    (from, to) =>
      found.renamex_np(from, to, flags);
  return of(call(RENAME_SWAP), call(RENAME_EXCL));
}

function of(exchange: Call, ifFree: Call): GuardedRename {
  return {
    exchange: (one, other) => exchange(terminated(one), terminated(other)) === 0,
    ifFree: (from, to) => ifFree(terminated(from), terminated(to)) === 0,
  };
}

/** As C takes it. A path with a NUL inside names another file there; no file has such a name. */
function terminated(path: string | Buffer): Buffer {
  const bytes = typeof path === "string" ? Buffer.from(path) : path;
  if (bytes.includes(0)) throw new TypeError("a path holds a NUL");
  const text = Buffer.alloc(bytes.length + 1);
  text.set(bytes);
  return text;
}
