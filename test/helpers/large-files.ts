/** Large files for tests, made quickly and the same each time. */
import { createCipheriv } from "node:crypto";
import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";

const MB = 1_000_000;
const PIECE = Buffer.alloc(MB);

/**
 * Writes five files of this size together: four of bytes that do not compress and one of text that shrinks to a
 * hundredth. Of 200 MB each is too large to be held in memory as a whole.
 */
export function largeFiles(folder: string, megabytes: number): void {
  const each = Math.round(megabytes / 5);
  for (const seed of [1, 2, 3, 4]) {
    const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, seed), Buffer.alloc(16));
    writePieces(join(folder, `noise-${seed}.bin`), each, () => cipher.update(PIECE));
  }
  writePieces(join(folder, "text.txt"), each, (piece) => {
    const line = `${piece} `.padEnd(99, "the same words again, ");
    return Buffer.from(`${line}\n`.repeat(MB / 100));
  });
}

function writePieces(path: string, count: number, make: (piece: number) => Uint8Array): void {
  const handle = openSync(path, "wx");
  try {
    for (let piece = 0; piece < count; piece++) writeSync(handle, make(piece));
  } finally {
    closeSync(handle);
  }
}
