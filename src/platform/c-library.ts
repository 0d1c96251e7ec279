/** Functions of the C library, for the few things that Node has no call for or a much slower one. */
import { dlopen, type FFIFunction } from "bun:ffi";

/** glibc, then musl; macOS and Windows have none of these. */
const LINUX_LIBRARIES = ["libc.so.6", "libc.musl-x86_64.so.1", "libc.musl-aarch64.so.1"];

export const MACOS_LIBRARY = "libSystem.B.dylib";

/** Returns the functions of the first library that has all of them; undefined when none has. */
export function loadFromC<const Functions extends Record<string, FFIFunction>>(
  functions: Functions,
  libraries: readonly string[] = LINUX_LIBRARIES,
): ReturnType<typeof dlopen<Functions>>["symbols"] | undefined {
  for (const library of libraries) {
    try {
      return dlopen(library, functions).symbols;
    } catch {
      // Not this one; the next candidate or the caller's fall-back serves.
    }
  }
  return undefined;
}
