import { realpathSync, statSync, watch } from "node:fs";
import { basename, dirname } from "node:path";

import type { Timers } from "../base/timers.ts";

/** An editor writes, renames and sets the mode within this. */
const REST_MS = 300;

export type FileWatch = Disposable & {
  /** To be called now and then: finds what no event told of. */
  look(): void;
};

/** A watched folder, and which names in it count. */
type Eye = {
  readonly folder: string;
  readonly id: string | undefined;
  names: ReadonlySet<string>;
  close(): void;
};

/**
 * Tells when a file has become another one: also when an editor puts a new file in its place, when its rights change,
 * when it goes and when it comes back. Of a link both places are watched: dotfile managers keep the file elsewhere.
 * Where a folder can not be watched, or was replaced with all that is in it, only `look` finds it.
 */
export function watchFile(path: string, timers: Timers, onChange: () => void): FileWatch {
  return new Watch(path, timers, onChange);
}

class Watch implements FileWatch {
  readonly #path: string;
  readonly #timers: Timers;
  readonly #onChange: () => void;
  #last: string | undefined;
  #eyes: readonly Eye[] = [];
  #rest: Disposable | undefined;

  constructor(path: string, timers: Timers, onChange: () => void) {
    this.#path = path;
    this.#timers = timers;
    this.#onChange = onChange;
    this.#last = identity(path);
    this.#open();
  }

  look(): void {
    this.#open();
    // One who is just writing comes to rest first.
    if (this.#rest === undefined && identity(this.#path) !== this.#last) this.#wait();
  }

  [Symbol.dispose](): void {
    this.#rest?.[Symbol.dispose]();
    for (const eye of this.#eyes) eye.close();
    this.#eyes = [];
  }

  #wait(): void {
    this.#rest?.[Symbol.dispose]();
    this.#rest = this.#timers.after(REST_MS, () => {
      this.#rest = undefined;
      this.#open();
      const now = identity(this.#path);
      if (now === this.#last) return;
      this.#last = now;
      this.#onChange();
    });
  }

  /** Watches the folders in which the file and, of a link, its target are now. */
  #open(): void {
    const wanted = Map.groupBy([this.#path, realPath(this.#path)], dirname);
    const kept = this.#eyes.filter(({ folder, id }) => wanted.has(folder) && id === identityOfFolder(folder));
    // First, as the runtime would take a folder of the same name for the one that it watches already.
    for (const eye of this.#eyes) if (!kept.includes(eye)) eye.close();
    this.#eyes = [...wanted].flatMap(([folder, places]) => {
      const eye = kept.find((one) => one.folder === folder) ?? this.#openEye(folder);
      if (eye !== undefined) eye.names = new Set(places.map((place) => basename(place)));
      return eye === undefined ? [] : [eye];
    });
  }

  #openEye(folder: string): Eye | undefined {
    try {
      const id = identityOfFolder(folder);
      const watcher = watch(folder, (_, name) => {
        if (name === null || eye.names.has(name)) this.#wait();
      });
      watcher.on("error", () => watcher.close());
      const eye: Eye = { folder, id, names: new Set(), close: () => watcher.close() };
      return eye;
    } catch {
      // `look`, `lull daemon reload` and SIGHUP work all the same.
      return undefined;
    }
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** What another file does not share, and what any change of this one moves: its inode's time of change. */
function identity(path: string): string | undefined {
  const stat = statOf(path);
  return stat && `${stat.dev} ${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}`;
}

function identityOfFolder(path: string): string | undefined {
  const stat = statOf(path);
  return stat && `${stat.dev} ${stat.ino}`;
}

function statOf(path: string) {
  try {
    return statSync(path, { bigint: true, throwIfNoEntry: false });
  } catch {
    // A loop of links, a folder that may not be entered: not there, as far as one can see.
    return undefined;
  }
}
