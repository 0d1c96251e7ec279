/** lstat for the many names of a folder; by a faster way where the platform has one. */
import { lstatSync } from "node:fs";

import { stampOf } from "./content.ts";
import type { FileStamp } from "./find-files.ts";

/** What the platform may bring; `src/platform/folder-stats.ts` says it in full. */
export type FolderStats = {
  /** Of the last good `look`: ctime and mtime in seconds and nanoseconds, device, inode, mode, uid, gid, size, its upper half. */
  readonly answer: Uint32Array;
  enter(folder: string): boolean;
  look(path: string, from: number): boolean;
  close(): void;
};
/** Also for many names at once. */
export type FolderRows = FolderStats & {
  readonly answers: Uint32Array;
  /** Where a row of `answers` has what, in words. */
  readonly layout: {
    readonly row: number;
    readonly ctimeSeconds: number;
    readonly ctimeNanoseconds: number;
    readonly mtimeSeconds: number;
    readonly mtimeNanoseconds: number;
    readonly inode: number;
    readonly mode: number;
    readonly size: number;
  };
  lookAtAll(bytes: Uint8Array, places: Uint32Array, from: number, to: number): number;
  list(): { readonly count: number; names(): string[] } | undefined;
};
export type OpenFolderStats = (root: string) => FolderRows | undefined;

const ASCII = /^[\u0000-\u007f]*$/;

export class FileLook implements Disposable {
  readonly #root: string;
  readonly #fast: FolderStats | undefined;
  #folder = "";
  #isFast = false;

  constructor(root: string, open: OpenFolderStats | undefined) {
    this.#root = root;
    this.#fast = root === "" ? undefined : open?.(root);
  }

  /** Makes this folder the one whose names are looked at, by its path below the root. */
  enter(relative: string): void {
    this.#folder = relative === "" ? this.#root : `${this.#root}/${relative}`;
    this.#isFast = this.#fast?.enter(bytesOf(relative)) === true;
  }

  /**
   * Returns what the system says of a name in the folder; undefined: it is gone.
   * @throws the system's error, e.g. `EACCES`
   */
  look(name: string): FileStamp | undefined {
    if (this.#isFast && this.#fast?.look(bytesOf(name), 0) === true) return stampOfRow(this.#fast.answer);
    const stat = lstatSync(`${this.#folder}/${name}`, { throwIfNoEntry: false });
    return stat && stampOf(stat);
  }

  [Symbol.dispose](): void {
    this.#fast?.close();
  }
}

/** A name's bytes, a character for each. */
function bytesOf(text: string): string {
  return ASCII.test(text) ? text : Buffer.from(text).toString("latin1");
}

/** The same numbers as `stampOf` makes of the same file. */
export function stampOfRow(answer: Uint32Array): FileStamp {
  // By index: to take it apart as a list costs as much as the call that filled it.
  return {
    size: (answer[9] ?? 0) + (answer[10] ?? 0) * 2 ** 32,
    mtimeMs: (answer[2] ?? 0) * 1000 + (answer[3] ?? 0) / 1e6,
    ctimeMs: (answer[0] ?? 0) * 1000 + (answer[1] ?? 0) / 1e6,
    ino: answer[5] ?? 0,
    mode: answer[6] ?? 0,
  };
}
