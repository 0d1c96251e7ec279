/** The daemon's lock and process, for the commands that start and end it, and for the daemon itself. */
import type { DaemonOwner, DaemonProcess } from "../app/daemon-process.ts";
import { LullError } from "../base/errors.ts";
import type { Clock } from "../base/clock.ts";
import { acquireLock, type HeldLock, type LockOwner } from "../platform/lock.ts";
import { sendSignal, startInBackground } from "../platform/background-process.ts";
import { processStart } from "../platform/process-facts.ts";
import { acquireSqliteLock } from "../store/sqlite-lock.ts";

export type DaemonLockInput = {
  readonly path: string;
  readonly clock: Clock;
};

/** A command that only looks whether a daemon runs holds the lock for a moment. */
const TRIES = 25;
const PAUSE_MS = 20;

/** @throws LullError `DAEMON_RUNNING` (kind `locked`) */
export function lockInstance({ path, clock }: DaemonLockInput): HeldLock {
  const owner = { pid: process.pid, since: clock.now(), start: processStart(process.pid) };
  let busy: LockOwner | undefined;
  for (let tries = 0; tries < TRIES; tries++) {
    const result = acquireLock({ path, owner, fallback: acquireSqliteLock });
    if (result.kind === "held") return result.lock;
    busy = result.owner;
    Bun.sleepSync(PAUSE_MS);
  }
  throw new LullError({
    kind: "locked",
    code: "DAEMON_RUNNING",
    message: `a daemon runs already${busy === undefined ? "" : ` (process ${busy.pid})`}`,
    hint: "look at it with `lull daemon status`, end it with `lull daemon stop`",
  });
}

export type DaemonProcessInput = DaemonLockInput & {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
};

export function createDaemonProcess(input: DaemonProcessInput): DaemonProcess {
  return {
    owner: () => currentOwner(input),
    start: (words) => startInBackground([...input.command, ...words], input.env),
    signal(owner, signal) {
      const now = currentOwner(input);
      // The lock is held by another daemon, or by none: the number may be anybody's by now.
      if (now?.pid !== owner.pid || now.since !== owner.since) return;
      if (now.start !== undefined && processStart(owner.pid) !== now.start) return;
      sendSignal(owner.pid, signal);
    },
  };
}

/** A daemon that has just taken the lock notes itself down a moment later. */
const OWNER_TRIES = 5;

function currentOwner({
  path,
  clock,
}: DaemonLockInput): (DaemonOwner & Pick<LockOwner, "start">) | undefined {
  const probe = { pid: process.pid, since: clock.now() };
  for (let tries = 0; tries < OWNER_TRIES; tries++) {
    const result = acquireLock({ path, owner: probe, fallback: acquireSqliteLock, isProbe: true });
    if (result.kind === "held") {
      result.lock[Symbol.dispose]();
      return undefined;
    }
    if (result.owner !== undefined && isAlive(result.owner)) return result.owner;
    Bun.sleepSync(PAUSE_MS);
  }
  return { pid: 0, since: 0 };
}

/** False: what is noted down is of a daemon that was killed, and the present one could not write yet. */
function isAlive({ pid, start }: LockOwner): boolean {
  return start === undefined || processStart(pid) === start;
}
