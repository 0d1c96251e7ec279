/** Reads the files of a rotated log, and follows the one that is written. */
import { closeSync, fstatSync, openSync, readFileSync, readSync, statSync } from "node:fs";

import { systemCode } from "../base/errors.ts";
import { LineSplitter } from "../base/line-splitter.ts";
import { sleep } from "../base/sleep.ts";

export type LogFiles = {
  /** The lines of each file, the newest file first; a file is read when it is asked for. */
  newestFirst(): Iterable<readonly string[]>;
  /** Calls back with each line that is added, until the signal fires. */
  follow(onLine: (line: string) => void, signal: AbortSignal): Promise<void>;
};

/** As often as a person sees; the file is only looked at, not read, when nothing was added. */
const LOOK_MS = 250;
const CHUNK = 64 * 1024;

export function openLogFiles(path: string, count: number): LogFiles {
  return {
    *newestFirst() {
      for (let age = 0; age < count; age++) {
        const text = readOrNothing(age === 0 ? path : `${path}.${age}`);
        if (text !== undefined) yield text.split("\n").filter((line) => line !== "");
      }
    },
    follow: (onLine, signal) => follow(path, onLine, signal),
  };
}

async function follow(path: string, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  let open = openAtEnd(path);
  try {
    while (!signal.aborted) {
      if (open !== undefined) {
        for (const line of readNew(open)) onLine(line);
        // Rotated: what was still added to the old file has just been read.
        if (inodeOf(path) !== open.inode) {
          closeSync(open.handle);
          open = undefined;
        }
      }
      open ??= openAt(path, 0);
      await sleep(LOOK_MS, signal).catch(() => {});
    }
  } finally {
    if (open !== undefined) closeSync(open.handle);
  }
}

type Open = {
  readonly handle: number;
  readonly inode: bigint;
  position: number;
  readonly lines: LineSplitter;
};

function openAtEnd(path: string): Open | undefined {
  const open = openAt(path, 0);
  if (open !== undefined) open.position = fstatSync(open.handle).size;
  return open;
}

function openAt(path: string, position: number): Open | undefined {
  try {
    const handle = openSync(path, "r");
    const { ino: inode } = fstatSync(handle, { bigint: true });
    return { handle, inode, position, lines: new LineSplitter() };
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

function readNew(open: Open): readonly string[] {
  const found: string[] = [];
  const chunk = Buffer.alloc(CHUNK);
  for (;;) {
    const length = readSync(open.handle, chunk, 0, CHUNK, open.position);
    if (length === 0) return found;
    open.position += length;
    found.push(...open.lines.push(chunk.subarray(0, length)));
  }
}

function inodeOf(path: string): bigint | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
}

function readOrNothing(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw error;
  }
}
