/**
 * Git's lock protocol for one file: whoever creates `<file>.lock` may replace the file, by renaming the lock over it.
 * Works for the index, refs, packed-refs, HEAD and config alike; knows nothing of what they contain.
 *
 * A lock of somebody else is never broken, however old: its owner may be a slow `git gc` as well as a crash. Only one
 * that a killed lull left behind is (see `lock-marks.ts`).
 */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
} from "node:fs";
import { basename, dirname } from "node:path";

import { syncDirectory, writeFully } from "../../base/atomic-file.ts";
import type { Clock } from "../../base/clock.ts";
import { systemClock } from "../../base/clock.ts";
import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import { formatDuration } from "../../base/duration.ts";
import type { Mark } from "./lock-marks.ts";
import { breakAbandonedLock, dropMark, linkMark, makeMark } from "./lock-marks.ts";

export type LockOptions = {
  /** How long to try again while somebody else holds the lock; 0 (the default) tries once. */
  readonly waitMs?: number;
  /** Permission bits of the file to come, exactly; default: 0666 less the umask. */
  readonly mode?: number;
  /** Where marks are kept by which a lock of a killed lull is known again; default for `index`: its folder. */
  readonly gitDirectory?: string;
  readonly clock?: Clock;
  /** Waits, milliseconds; default: the system's sleep. */
  readonly pause?: (ms: number) => void;
};

/** A lock that is held. Nobody else who follows git's protocol changes the file until `commit` or `release`. */
export type LockFile = {
  /** Appends to the new content. */
  write(bytes: Uint8Array): void;
  /** Puts the new content in place, durably: fsync, rename, fsync of the folder. Ends the lock. */
  commit(): void;
  /** Gives the lock back and leaves the file as it was. Safe to call after `commit`. */
  release(): void;
  [Symbol.dispose](): void;
};

/**
 * Takes the lock of a file; missing folders above it are made.
 * @param path of the file itself, without `.lock`; bytes where a name is no UTF-8
 * @throws LullError kind `locked`: `INDEX_LOCKED`, `CONFIG_LOCKED` or (any other file) `REF_LOCKED`, with the lock's
 *   `path` and its `ageSeconds` in `data`; system errors by their own code.
 */
export function takeLockFile(path: string | Buffer, options: LockOptions = {}): LockFile {
  const clock = options.clock ?? systemClock;
  const lockPath = withSuffix(path, ".lock");
  const gitDirectory = options.gitDirectory ?? (isIndex(path) ? dirname(path) : undefined);
  const pause = options.pause ?? Bun.sleepSync;
  // Counted by the pauses, not by a clock: one that stands still (in a test, in a suspended machine) must end as well.
  let left = options.waitMs ?? 0;
  for (let attempt = 1; ; attempt++) {
    try {
      return new HeldLock(path, lockPath, createLock(lockPath, gitDirectory), options.mode);
    } catch (error) {
      const code = systemCode(error);
      // More than once: a git that deletes the neighbouring ref may remove the empty folder again.
      if (code === "ENOENT" && attempt <= 3) {
        makeParent(path);
        continue;
      }
      if (code !== "EEXIST") throw fromSystem(error, `lock ${path.toString()}`);
      if (gitDirectory !== undefined && breakAbandonedLock(gitDirectory, lockPath)) continue;
      if (left <= 0) throw lockedBy(path, lockPath, clock);
      // Jitter keeps two waiting processes from meeting again and again; git does the same.
      const ms = Math.min(left, Math.min(attempt ** 2, 200) * (0.75 + Math.random() / 2));
      left -= ms;
      pause(ms);
    }
  }
}

type CreatedLock = { readonly handle: number; readonly mark: Mark | undefined };

/** @throws `EEXIST` when somebody else holds it */
function createLock(lockPath: string | Buffer, gitDirectory: string | undefined): CreatedLock {
  const mark = gitDirectory === undefined ? undefined : makeMark(gitDirectory, lockPath);
  if (mark !== undefined) {
    try {
      if (linkMark(mark, lockPath)) return { handle: mark.handle, mark };
    } catch (error) {
      dropMark(mark);
      throw error;
    }
    dropMark(mark);
  }
  return { handle: openSync(lockPath, "wx", 0o666), mark: undefined };
}

class HeldLock implements LockFile {
  readonly #target: string | Buffer;
  readonly #lockPath: string | Buffer;
  readonly #inode: number;
  readonly #mark: Mark | undefined;
  #handle: number | undefined;

  constructor(
    target: string | Buffer,
    lockPath: string | Buffer,
    { handle, mark }: CreatedLock,
    mode?: number,
  ) {
    this.#target = target;
    this.#lockPath = lockPath;
    this.#handle = handle;
    this.#mark = mark;
    this.#inode = fstatSync(handle).ino;
    if (mode !== undefined) fchmodSync(handle, mode);
  }

  write(bytes: Uint8Array): void {
    try {
      writeFully(this.#open(), bytes);
    } catch (error) {
      throw fromSystem(error, `write ${this.#lockPath.toString()}`);
    }
  }

  commit(): void {
    const handle = this.#open();
    try {
      fsyncSync(handle);
      if (!this.#isStillOurs()) throw stolen(this.#target, this.#lockPath);
      renameSync(this.#lockPath, this.#target);
      this.#close();
    } catch (error) {
      this.#discard();
      throw fromSystem(error, `replace ${this.#target.toString()}`);
    }
    syncDirectory(parentOf(this.#target));
  }

  release(): void {
    if (this.#handle !== undefined) this.#discard();
  }

  [Symbol.dispose](): void {
    this.release();
  }

  #open(): number {
    if (this.#handle !== undefined) return this.#handle;
    throw new LullError({
      kind: "failed",
      code: "LOCK_ENDED",
      message: `the lock on ${this.#target.toString()} was already given back`,
    });
  }

  #discard(): void {
    if (this.#isStillOurs()) rmSync(this.#lockPath, { force: true });
    this.#close();
  }

  #close(): void {
    if (this.#mark !== undefined) dropMark(this.#mark);
    else if (this.#handle !== undefined) closeSync(this.#handle);
    this.#handle = undefined;
  }

  /** False when somebody removed our lock by hand; the file at its place is then another program's. */
  #isStillOurs(): boolean {
    return lstatSync(this.#lockPath, { throwIfNoEntry: false })?.ino === this.#inode;
  }
}

function lockedBy(path: string | Buffer, lockPath: string | Buffer, clock: Clock): LullError {
  const changed = lstatSync(lockPath, { throwIfNoEntry: false })?.mtimeMs ?? clock.now();
  const age = Math.max(0, clock.now() - changed);
  return new LullError({
    kind: "locked",
    code: lockedCode(path),
    message: `${path.toString()} is locked by another program (since ${formatDuration(age)})`,
    hint: `let the other git command end; if none is running, remove ${lockPath.toString()}`,
    data: { path: lockPath.toString(), ageSeconds: Math.round(age / 1000) },
  });
}

function lockedCode(path: string | Buffer): string {
  const name = basename(path.toString());
  if (name === "index") return "INDEX_LOCKED";
  return name === "config" ? "CONFIG_LOCKED" : "REF_LOCKED";
}

function stolen(path: string | Buffer, lockPath: string | Buffer): LullError {
  return new LullError({
    kind: "locked",
    code: lockedCode(path),
    message: `${lockPath.toString()} was removed while lull held it; ${path.toString()} was left as it is`,
    hint: "run the command again; nothing was lost",
    data: { path: lockPath.toString(), ageSeconds: 0 },
  });
}

function isIndex(path: string | Buffer): path is string {
  return typeof path === "string" && basename(path) === "index";
}

function makeParent(path: string | Buffer): void {
  const parent = parentOf(path);
  try {
    mkdirSync(parent, { recursive: true });
  } catch (error) {
    throw fromSystem(error, `create ${parent.toString()}`);
  }
}

function parentOf(path: string | Buffer): string | Buffer {
  return typeof path === "string" ? dirname(path) : Buffer.from(dirname(path.toString("latin1")), "latin1");
}

function withSuffix(path: string | Buffer, suffix: string): string | Buffer {
  return typeof path === "string" ? path + suffix : Buffer.concat([path, Buffer.from(suffix)]);
}
