import { lstatSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";

import type { Clock } from "../../base/clock.ts";
import { fromSystem, LullError, systemCode } from "../../base/errors.ts";
import { takeLockFile } from "../refs/lock-file.ts";

/** As git: a note older than this was left by a crash, whatever process has its number by now. */
const STALE_MS = 12 * 60 * 60 * 1000;

/**
 * Keeps `git gc` away, and keeps away from one that runs, by git's own note: `gc.pid` with process id and host name.
 * Undefined while another holds it. A process that was killed leaves its note; git and lull see that it is gone.
 */
export function takeGcLock(gitDirectory: string, clock: Clock): Disposable | undefined {
  const path = `${gitDirectory}/gc.pid`;
  let lock;
  try {
    lock = takeLockFile(path, { gitDirectory });
  } catch (error) {
    if (error instanceof LullError && error.kind === "locked") return undefined;
    throw error;
  }
  using held = lock;
  if (isHeld(path, clock)) return undefined;
  const note = `${process.pid} ${hostname()}`;
  held.write(Buffer.from(note));
  held.commit();
  return {
    [Symbol.dispose]() {
      // Not one that somebody wrote after `git gc --force`.
      if (noteIn(path) === note) rmSync(path, { force: true });
    },
  };
}

function isHeld(path: string, clock: Clock): boolean {
  const note = noteIn(path);
  const modified = lstatSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (note === undefined || modified === undefined || clock.now() - modified > STALE_MS) return false;
  const [, pid, host] = /^(\d+) (\S+)/.exec(note) ?? [];
  if (pid === undefined) return false;
  if (host !== hostname()) return true;
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch (error) {
    return systemCode(error) !== "ESRCH";
  }
}

function noteIn(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw fromSystem(error, `read ${path}`);
  }
}
