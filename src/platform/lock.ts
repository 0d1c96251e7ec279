import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

import { makePrivateDirectory } from "../base/atomic-file.ts";
import { fromSystem } from "../base/errors.ts";
import { tryFlock } from "./flock.ts";

/** Who holds a lock, for messages only: the kernel alone decides whether it is held. */
export type LockOwner = {
  readonly pid: number;
  /** Milliseconds since 1970 UTC. */
  readonly since: number;
  /** As `processStart` tells it: what no other process with this number has. */
  readonly start?: string | undefined;
};

export type HeldLock = Disposable & {
  /** False when the file it was taken on has been removed or replaced: then the lock keeps nobody out any more. */
  isInPlace(): boolean;
};

export type LockResult =
  | { readonly kind: "held"; readonly lock: HeldLock }
  | { readonly kind: "busy"; readonly owner: LockOwner | undefined };

export type LockInput = {
  /** The lock file; made when missing, never removed (removing it would let two processes hold "the" lock). */
  readonly path: string;
  readonly owner: LockOwner;
  /** Where flock is not to be had (Windows): takes the same kind of lock by other means. */
  readonly fallback: (path: string, shared: boolean) => Disposable | undefined;
  /** Only to see whether it is free: nothing is noted down, and of two who look at once neither meets the other. */
  readonly isProbe?: boolean;
};

/**
 * Takes an exclusive lock that no crash leaves behind: the kernel gives it back when the process ends, also by
 * kill -9. Does not wait.
 */
export function acquireLock(input: LockInput): LockResult {
  makePrivateDirectory(dirname(input.path));
  const lock = takeKernelLock(input);
  if (lock === undefined) return { kind: "busy", owner: readOwner(input.path) };
  if (input.isProbe === true) return { kind: "held", lock };
  noteOwner(input);
  const release = (): void => {
    // Whoever meets the next holder before that one has noted itself down must not read of this one.
    if (lock.isInPlace()) rmSync(ownerFile(input.path), { force: true });
    lock[Symbol.dispose]();
  };
  return { kind: "held", lock: { isInPlace: () => lock.isInPlace(), [Symbol.dispose]: release } };
}

/** It serves messages only: on a full disk the lock stands without it, instead of staying held with nobody to free it. */
function noteOwner(input: LockInput): void {
  try {
    writeFileSync(ownerFile(input.path), JSON.stringify(input.owner), { mode: 0o600 });
  } catch {
    // Whoever meets the lock reads "another lull" instead of a process id.
  }
}

function takeKernelLock(input: LockInput): HeldLock | undefined {
  const { path, isProbe = false } = input;
  let handle: number;
  try {
    handle = openSync(path, OPEN_LOCK, 0o600);
  } catch (error) {
    throw fromSystem(error, `open the lock ${path}`);
  }
  const result = lockedOrClosed(handle, path, isProbe);
  if (result === "held" && !isStillThere(path, handle)) {
    closeSync(handle);
    return takeKernelLock(input);
  }
  if (result === "held")
    return { isInPlace: () => isStillThere(path, handle), [Symbol.dispose]: () => closeSync(handle) };
  closeSync(handle);
  if (result === "busy") return undefined;
  const lock = input.fallback(`${path}.db`, isProbe);
  return lock && { isInPlace: () => true, [Symbol.dispose]: () => lock[Symbol.dispose]() };
}

function lockedOrClosed(handle: number, path: string, shared: boolean): ReturnType<typeof tryFlock> {
  try {
    return tryFlock(handle, shared);
  } catch (error) {
    closeSync(handle);
    throw fromSystem(error, `take the lock ${path}`);
  }
}

/** A planted link must not make lull create an empty file elsewhere; Windows has no such flag. */
const OPEN_LOCK = constants.O_RDWR | constants.O_CREAT | (constants.O_NOFOLLOW ?? 0);

/** Between `open` and `flock` somebody may have removed the file; a lock on a file without a name protects nothing. */
function isStillThere(path: string, handle: number): boolean {
  const there = statSync(path, { bigint: true, throwIfNoEntry: false });
  const mine = fstatSync(handle, { bigint: true });
  return there?.ino === mine.ino && there.dev === mine.dev;
}

function ownerFile(path: string): string {
  return `${path}.owner`;
}

function readOwner(path: string): LockOwner | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(ownerFile(path), "utf8"));
    if (typeof found !== "object" || found === null) return undefined;
    const { pid, since, start }: Partial<Record<keyof LockOwner, unknown>> = found;
    if (typeof pid !== "number" || typeof since !== "number") return undefined;
    return { pid, since, ...(typeof start === "string" ? { start } : {}) };
  } catch {
    // Missing or half: it serves messages only.
    return undefined;
  }
}
