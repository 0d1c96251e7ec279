import type * as Zlib from "node:zlib";

let loaded: typeof Zlib | undefined;

/** Takes 5 ms to load (in a compiled binary): only who needs it pays. */
export function zlib(): typeof Zlib {
  return (loaded ??= process.getBuiltinModule("node:zlib"));
}

/** The checksum of pack entries; by Bun's own, for which nothing has to be loaded. */
export function crc32(bytes: Uint8Array, seed = 0): number {
  return Bun.hash.crc32(bytes as Uint8Array<ArrayBuffer>, seed);
}
