/**
 * inotify(7) by its system calls. The runtime's own watcher opens one too, but does not pass on when the kernel's queue
 * overflows or a file system is unmounted, and goes on telling of folders that were moved away.
 */
import { FFIType, type Pointer, ptr, read } from "bun:ffi";
import { closeSync } from "node:fs";
import { constants } from "node:os";

import { messageOf } from "../../base/errors.ts";
import { fixedMemory } from "../../base/fixed-memory.ts";
import { type Timers } from "../../base/timers.ts";
import { loadFromC } from "../c-library.ts";

/** Of inotify.h. */
export const IN = {
  MODIFY: 0x2,
  ATTRIB: 0x4,
  CLOSE_WRITE: 0x8,
  MOVED_FROM: 0x40,
  MOVED_TO: 0x80,
  CREATE: 0x100,
  DELETE: 0x200,
  DELETE_SELF: 0x400,
  MOVE_SELF: 0x800,
  UNMOUNT: 0x2000,
  Q_OVERFLOW: 0x4000,
  IGNORED: 0x8000,
  ONLYDIR: 0x1000000,
  DONT_FOLLOW: 0x2000000,
  EXCL_UNLINK: 0x4000000,
  MASK_ADD: 0x20000000,
  ISDIR: 0x40000000,
} as const;

export type Inotify = Disposable & {
  /**
   * Watches a folder for what happens to its names.
   * @param path absolute, as bytes in latin1
   * @returns the watch's number, the same for the same folder; or why not
   */
  add(path: string, mask: number): number | AddRefusal;
  remove(watch: number): void;
};

/** `limit`: of watches. `absent`: no folder there, one that may not be read, or a path that is too long. */
export type AddRefusal = "limit" | "absent" | "failed";

export type InotifyInput = {
  readonly timers: Timers;
  /** Whole records, one after the other; valid during the call. */
  readonly onRecords: (records: Uint8Array) => void;
  /** Some records were lost on the way. */
  readonly onLoss: () => void;
  /** Nothing comes any more. */
  readonly onFailure: (message: string) => void;
};

/** @returns `limit`: this user has too many; `unavailable`: this system has none that can be called */
export function openInotify(input: InotifyInput): Inotify | "limit" | "unavailable" {
  calls ??= loadCalls() ?? "unavailable";
  if (calls === "unavailable") return "unavailable";
  const handle = calls.inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
  if (handle < 0) return isOneOf(calls, ["EMFILE", "ENFILE"]) ? "limit" : "unavailable";
  return new KernelInotify(calls, handle, input);
}

/** Whether the calls are there. */
export function canUseInotify(): boolean {
  calls ??= loadCalls() ?? "unavailable";
  return calls !== "unavailable";
}

const IN_NONBLOCK = 0o4000;
const IN_CLOEXEC = 0o2000000;
/** As the kernel has it, with the NUL. */
const PATH_MAX = 4096;
/**
 * Events wait in the kernel for so long, where equal ones become one: a file that is written to all the time then wakes
 * the process ten times a second and not a thousand times.
 */
const GATHER_MS = 100;
/** More than so much at once, and the kernel's queue of 16,384 events might overflow while the process waits. */
const MUCH = 64 * 1024;
/** Gone again, replaced by something else, or not to be read: by a sync neither. */
const ABSENT = ["ENOENT", "ENOTDIR", "EACCES", "EPERM", "ELOOP", "ENAMETOOLONG"] as const;
/** Reading failed so often without a record between: the next time will not be better. */
const MOST_FAILURES = 5;

type Calls = NonNullable<ReturnType<typeof loadCalls>>;

let calls: Calls | "unavailable" | undefined;

function loadCalls() {
  const { i32, u32, ptr: pointer } = FFIType;
  return loadFromC({
    /** Flags. */
    inotify_init1: { args: [i32], returns: i32 },
    /** Handle, path, mask. */
    inotify_add_watch: { args: [i32, pointer, u32], returns: i32 },
    inotify_rm_watch: { args: [i32, i32], returns: i32 },
    __errno_location: { args: [], returns: pointer },
  });
}

/** Whether the last call failed with one of these. */
function isOneOf({ __errno_location }: Calls, names: readonly (keyof typeof constants.errno)[]): boolean {
  const place = __errno_location() as Pointer | null;
  const number = place === null ? 0 : read.i32(place, 0);
  return names.some((name) => constants.errno[name] === number);
}

class KernelInotify implements Inotify {
  readonly #calls: Calls;
  readonly #handle: number;
  readonly #input: InotifyInput;
  readonly #path = fixedMemory(PATH_MAX);
  readonly #pathAt = ptr(this.#path);
  #reader: { readonly cancel: () => Promise<void> } | undefined;
  #isClosed = false;

  constructor(use: Calls, handle: number, input: InotifyInput) {
    this.#calls = use;
    this.#handle = handle;
    this.#input = input;
    void this.#readAll();
  }

  add(path: string, mask: number): number | AddRefusal {
    if (this.#isClosed) return "failed";
    if (path.length >= PATH_MAX) return "absent";
    this.#path.write(path, 0, "latin1");
    this.#path[path.length] = 0;
    const watch = this.#calls.inotify_add_watch(this.#handle, this.#pathAt, mask);
    if (watch >= 0) return watch;
    if (isOneOf(this.#calls, ["ENOSPC", "ENOMEM"])) return "limit";
    return isOneOf(this.#calls, ABSENT) ? "absent" : "failed";
  }

  remove(watch: number): void {
    if (!this.#isClosed) this.#calls.inotify_rm_watch(this.#handle, watch);
  }

  [Symbol.dispose](): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const close = (): void => closeSync(this.#handle);
    // The handle must not be given to somebody else while the event loop still asks about it.
    if (this.#reader === undefined) close();
    else void this.#reader.cancel().then(close, close);
  }

  async #readAll(): Promise<void> {
    let reason = "the stream of events ended";
    const succeeded = (): void => {
      failures = 0;
    };
    let failures = 0;
    while (!this.#isClosed && failures < MOST_FAILURES) {
      try {
        await this.#readStream(succeeded);
      } catch (error) {
        reason = messageOf(error);
      }
      failures++;
      if (!this.#isClosed) this.#input.onLoss();
    }
    if (!this.#isClosed) this.#input.onFailure(reason);
  }

  /** The event loop waits for the handle as for a socket: while nothing happens nothing runs, and no thread waits. */
  async #readStream(succeeded: () => void): Promise<void> {
    const reader = Bun.file(this.#handle).stream().getReader();
    this.#reader = reader;
    while (!this.#isClosed) {
      const { value, done } = await reader.read();
      if (done || this.#isClosed) return;
      succeeded();
      this.#input.onRecords(value);
      if (value.length < MUCH) await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => void this.#input.timers.after(GATHER_MS, resolve));
  }
}
