import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/**
 * Reads a file of lull's own; a FIFO in its place does not hang it.
 * @returns undefined for what is no regular file, or has more bytes than `largest`
 * @throws the system's error, e.g. `ENOENT`
 */
export function readSmallFile(path: string, largest: number): Buffer | undefined {
  const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(handle);
    return stat.isFile() && stat.size <= largest ? readFileSync(handle) : undefined;
  } finally {
    closeSync(handle);
  }
}
