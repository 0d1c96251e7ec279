import { statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

import type { Timers } from "../base/timers.ts";

/** An editor writes, renames and sets the mode within this. */
const REST_MS = 300;

/**
 * Tells when a file has become another one: also when an editor puts a new file in its place, or when it comes back.
 * Where the folder can not be watched nothing is told.
 */
export function watchFile(path: string, timers: Timers, onChange: () => void): Disposable {
  let last = identity(path);
  let rest: Disposable | undefined;
  const look = (): void => {
    const now = identity(path);
    if (now === last) return;
    last = now;
    if (now !== undefined) onChange();
  };
  const begin = (): void => {
    rest?.[Symbol.dispose]();
    rest = timers.after(REST_MS, look);
  };
  let watcher: ReturnType<typeof watch> | undefined;
  try {
    watcher = watch(dirname(path), (_, name) => {
      if (name === null || name === basename(path)) begin();
    });
    watcher.on("error", () => watcher?.close());
  } catch {
    // `lull daemon reload` and SIGHUP work all the same.
  }
  return {
    [Symbol.dispose]() {
      rest?.[Symbol.dispose]();
      watcher?.close();
    },
  };
}

function identity(path: string): string | undefined {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? undefined : `${stat.ino} ${stat.size} ${stat.mtimeNs}`;
}
