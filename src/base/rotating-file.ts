/** A file of lines that never grows beyond its limit: the oldest part goes. One process writes, any number read. */
import { closeSync, constants, fstatSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { makePrivateDirectory, writeFully } from "./atomic-file.ts";
import { fromSystem, systemCode } from "./errors.ts";

export type RotatingFileOptions = {
  /** Bytes after which a new file is begun. */
  readonly size: number;
  /** Files that are kept, the one that is written included: `lull.log`, `lull.log.1` … */
  readonly count: number;
};

/** Of the daemon's log. */
export const LOG_FILES = 5;
export const LOG_FILE_BYTES = 10 * 1024 * 1024;

export class RotatingFile implements Disposable {
  readonly #path: string;
  readonly #options: RotatingFileOptions;
  #handle: number;
  #size: number;

  /** @throws LullError when the file can not be opened */
  constructor(path: string, options: RotatingFileOptions) {
    this.#path = path;
    this.#options = options;
    this.#handle = open(path);
    this.#size = fstatSync(this.#handle).size;
  }

  /** Somebody may have removed the file, or its folder: then it is made anew. @throws LullError when that fails */
  look(): void {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    const mine = fstatSync(this.#handle);
    if (there?.ino === mine.ino && there.dev === mine.dev) return;
    const next = open(this.#path);
    closeSync(this.#handle);
    this.#handle = next;
    this.#size = fstatSync(next).size;
  }

  /** Appends a line, whole or not at all as far as readers see it. @throws LullError on a full or failing disk */
  append(line: string): void {
    const bytes = Buffer.from(`${line}\n`);
    if (this.#size > 0 && this.#size + bytes.length > this.#options.size) this.#rotate();
    try {
      writeFully(this.#handle, bytes);
      this.#size += bytes.length;
    } catch (error) {
      throw fromSystem(error, `write ${this.#path}`);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#handle);
  }

  #rotate(): void {
    const name = (age: number): string => (age === 0 ? this.#path : `${this.#path}.${age}`);
    const fresh = `${this.#path}.new`;
    try {
      // First what a full disk refuses: else each line that is tried would cost an old file.
      const next = open(fresh);
      rmSync(name(this.#options.count - 1), { force: true });
      for (let age = this.#options.count - 2; age >= 0; age--) move(name(age), name(age + 1));
      move(fresh, this.#path);
      closeSync(this.#handle);
      this.#handle = next;
      this.#size = fstatSync(next).size;
    } catch (error) {
      throw fromSystem(error, `begin a new ${this.#path}`);
    }
  }
}

function open(path: string): number {
  makePrivateDirectory(dirname(path));
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND, 0o600);
  } catch (error) {
    throw fromSystem(error, `open ${path}`);
  }
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
  }
}
