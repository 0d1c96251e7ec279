/**
 * A faster lstat for scans: statx(2) relative to an open folder, over raw path bytes, into one reused buffer. 10,000
 * files cost 10 ms instead of 35 by `lstatSync` with nanoseconds. Linux only; statx is laid out alike on every
 * processor and in every C library.
 */
import { FFIType, type Pointer, ptr } from "bun:ffi";
import { constants, lstatSync } from "node:fs";

import { fixedMemory } from "../base/fixed-memory.ts";
import { loadFromC } from "./c-library.ts";
import { listFolder } from "./folder-name-list.ts";
import { isLocalFileSystem } from "./local-file-system.ts";
import { currentSystem } from "./system.ts";
import type { FolderNameList } from "./folder-name-list.ts";

export type FolderStats = {
  /**
   * What the last good `look` found, each number modulo 2^32, in the order of git's index: ctime seconds and
   * nanoseconds, mtime seconds and nanoseconds, device, inode, mode (all of st_mode), uid, gid, size; then the upper
   * half of the size.
   */
  readonly answer: Uint32Array;
  /** What `lookAtAll` found: as it came, since most of it is looked at once, by one comparison. */
  readonly answers: Uint32Array;
  readonly layout: AnswerLayout;
  /** A folder's times tell of every name that comes or goes. */
  readonly tellsChanges: boolean;
  /** Opens a folder, given by its path below the root as bytes in latin1; it must not be a link. False: ask otherwise. */
  enter(folder: string): boolean;
  /**
   * lstat of a name in the folder that was entered: what follows `from` in `path`; nothing stands for the folder itself.
   * False: there is no answer, for whatever reason; ask otherwise.
   */
  look(path: string, from: number): boolean;
  /**
   * As `look` for many names of the folder, a row of `answers` for each, as far as there are rows: the names [from, to) of those that
   * lie in `bytes` where `places` says, each with a NUL behind it. The bytes must not move: take a view of an
   * `ArrayBuffer` that was made by its length.
   * @returns how many rows were filled; for the name that follows there is no answer when there was room for one
   */
  lookAtAll(bytes: Uint8Array, places: Uint32Array, from: number, to: number): number;
  /** As `look` for any path below the root, by the whole path from the top of the file system. */
  lookBelow(path: string): boolean;
  /** As `look` for an open file, wherever it lies. */
  lookAtHandle(handle: number): boolean;
  /**
   * The names in the folder that was entered, as they are now, without `.` and `..`; valid until the next call.
   * Undefined: ask otherwise.
   */
  list(): FolderNameList | undefined;
  close(): void;
};

/** Where a row of `answers` has what, in words of four bytes. */
export type AnswerLayout = {
  /** From one row to the next. */
  readonly row: number;
  readonly ctimeSeconds: number;
  readonly ctimeNanoseconds: number;
  readonly mtimeSeconds: number;
  readonly mtimeNanoseconds: number;
  readonly inode: number;
  /** The lower half of the word; the upper one is zero. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** The lower half of it. */
  readonly size: number;
};

/** @returns undefined where statx cannot be called */
export function openFolderStats(root: string): FolderStats | undefined {
  calls ??= usableCalls();
  return calls === "unavailable" ? undefined : new StatxFolder(calls, root);
}

/** Rows of `answers`. */
const ROWS = 64;

type Calls = NonNullable<ReturnType<typeof loadCalls>>;

let calls: Calls | "unavailable" | undefined;

function usableCalls(): Calls | "unavailable" {
  // Other systems number and lay out these things differently.
  const loaded = currentSystem() === "linux" ? loadCalls() : undefined;
  return loaded !== undefined && answersAsNode(loaded) ? loaded : "unavailable";
}

function loadCalls() {
  const { i32, u32, ptr: pointer } = FFIType;
  return loadFromC({
    /** Folder handle, path, flags, mask, answer. */
    statx: { args: [i32, pointer, i32, u32, pointer], returns: i32 },
    /** Folder handle, path, flags. */
    openat: { args: [i32, pointer, i32], returns: i32 },
    close: { args: [i32], returns: i32 },
  });
}

/** Relative paths are taken from the working folder, absolute ones as they are. */
const AT_FDCWD = -100;
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const STATX_BYTES = 256;
const WORD_BYTES = 4;
/** Where `struct statx` has its numbers. Both of Bun's processors are little-endian. */
const LAYOUT: AnswerLayout = {
  row: STATX_BYTES / WORD_BYTES,
  uid: 5,
  gid: 6,
  mode: 7,
  inode: 8,
  size: 10,
  ctimeSeconds: 24,
  ctimeNanoseconds: 26,
  mtimeSeconds: 28,
  mtimeNanoseconds: 30,
};
const SIZE_HIGH = LAYOUT.size + 1;
const DEVICE_MAJOR = 34;
const DEVICE_MINOR = 35;
const O_CLOEXEC = 0o2000000;
/** As the kernel has it, with the NUL. */
const PATH_MAX = 4096;

class StatxFolder implements FolderStats {
  readonly answer = new Uint32Array(11);
  readonly answers = new Uint32Array(fixedMemory(ROWS * STATX_BYTES).buffer);
  readonly layout = LAYOUT;
  readonly #calls: Calls;
  readonly #answersAt: Pointer;
  /** The path for the next call. */
  readonly #path = fixedMemory(PATH_MAX);
  readonly #pathAt: Pointer;
  readonly #place: string;
  /** The same in latin1. */
  readonly #root: string;
  #handle = -1;
  #tellsChanges: boolean | undefined;

  constructor(use: Calls, root: string) {
    this.#calls = use;
    this.#root = Buffer.from(root).toString("latin1");
    this.#place = root;
    this.#answersAt = ptr(this.answers);
    this.#pathAt = ptr(this.#path);
  }

  /** Asked of scans only. */
  get tellsChanges(): boolean {
    return (this.#tellsChanges ??= isLocalFileSystem(this.#place));
  }

  enter(folder: string): boolean {
    this.close();
    if (!this.#put(folder === "" ? `${this.#root}/.` : `${this.#root}/${folder}`)) return false;
    const flags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW | O_CLOEXEC;
    this.#handle = this.#calls.openat(AT_FDCWD, this.#pathAt, flags);
    return this.#handle >= 0;
  }

  look(path: string, from: number): boolean {
    if (this.#handle < 0 || !this.#put(path)) return false;
    const flags = from === path.length ? AT_EMPTY_PATH : AT_SYMLINK_NOFOLLOW;
    return this.#stat(this.#handle, this.#pathAt + from, flags);
  }

  lookBelow(path: string): boolean {
    return this.#put(`${this.#root}/${path}`) && this.#stat(AT_FDCWD, this.#pathAt, AT_SYMLINK_NOFOLLOW);
  }

  lookAtHandle(handle: number): boolean {
    return this.#put("") && this.#stat(handle, this.#pathAt, AT_EMPTY_PATH);
  }

  lookAtAll(bytes: Uint8Array, places: Uint32Array, from: number, to: number): number {
    if (this.#handle < 0) return 0;
    const { statx } = this.#calls;
    const handle = this.#handle;
    const bytesAt = ptr(bytes);
    const end = Math.min(to, from + ROWS);
    let answerAt: number = this.#answersAt;
    for (let name = from; name < end; name++, answerAt += STATX_BYTES) {
      const nameAt = (bytesAt + (places[name] ?? 0)) as Pointer;
      const result = statx(handle, nameAt, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, answerAt as Pointer);
      if (result !== 0) return name - from;
    }
    return end - from;
  }

  list(): FolderNameList | undefined {
    return this.#handle < 0 ? undefined : listFolder(this.#handle);
  }

  close(): void {
    if (this.#handle >= 0) this.#calls.close(this.#handle);
    this.#handle = -1;
  }

  #stat(folder: number, nameAt: number, flags: number): boolean {
    const { statx } = this.#calls;
    if (statx(folder, nameAt as Pointer, flags, STATX_BASIC_STATS, this.#answersAt) !== 0) return false;
    this.#translate();
    return true;
  }

  #translate(): void {
    const words = this.answers;
    const { answer } = this;
    answer[0] = words[LAYOUT.ctimeSeconds] ?? 0;
    answer[1] = words[LAYOUT.ctimeNanoseconds] ?? 0;
    answer[2] = words[LAYOUT.mtimeSeconds] ?? 0;
    answer[3] = words[LAYOUT.mtimeNanoseconds] ?? 0;
    answer[4] = deviceNumber(words[DEVICE_MAJOR] ?? 0, words[DEVICE_MINOR] ?? 0);
    answer[5] = words[LAYOUT.inode] ?? 0;
    answer[6] = (words[LAYOUT.mode] ?? 0) & 0xffff;
    answer[7] = words[LAYOUT.uid] ?? 0;
    answer[8] = words[LAYOUT.gid] ?? 0;
    answer[9] = words[LAYOUT.size] ?? 0;
    answer[10] = words[SIZE_HIGH] ?? 0;
  }

  #put(path: string): boolean {
    if (path.length >= PATH_MAX) return false;
    this.#path.write(path, 0, "latin1");
    this.#path[path.length] = 0;
    return true;
  }
}

/** The lower half of what stat(2) calls st_dev. */
function deviceNumber(major: number, minor: number): number {
  return ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12) | (minor & 0xff);
}

/** The top folder by both ways: an answer in another layout than expected must never be believed. */
function answersAsNode(use: Calls): boolean {
  const folder = new StatxFolder(use, "");
  try {
    const stat = lstatSync("/", { bigint: true });
    if (!folder.enter("") || !folder.look("", 0)) return false;
    const [, , seconds, nanoseconds, , inode, mode, uid, gid] = folder.answer;
    const time = BigInt(seconds ?? 0) * 1_000_000_000n + BigInt(nanoseconds ?? 0);
    return (
      time === stat.mtimeNs &&
      BigInt(inode ?? 0) === BigInt.asUintN(32, stat.ino) &&
      BigInt(mode ?? 0) === stat.mode &&
      BigInt(uid ?? 0) === stat.uid &&
      BigInt(gid ?? 0) === stat.gid
    );
  } catch {
    return false;
  } finally {
    folder.close();
  }
}
