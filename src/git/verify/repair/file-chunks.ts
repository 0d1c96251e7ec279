import { closeSync, openSync, readSync } from "node:fs";

const CHUNK = 1024 * 1024;

/** The bytes of a file piece by piece, each in memory of its own. */
export function* fileChunks(path: string | Buffer): Generator<Uint8Array> {
  const handle = openSync(path, "r");
  try {
    for (;;) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const length = readSync(handle, chunk, 0, CHUNK, null);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(handle);
  }
}
