/** A watched folder in a test, and what it has told so far. */
import type { FolderWatcher, TreeEvent, TreeToWatch } from "../../src/platform/watch/folder-watcher.ts";

const DEADLINE_MS = 20_000;

export type WatchedFolder = Disposable & {
  readonly events: TreeEvent[];
  /** Paths that were told as changed, in order, each once. */
  readonly paths: () => readonly string[];
  /** Waits until something told makes this true. */
  readonly until: (isMet: () => boolean) => Promise<void>;
  /** Waits until a path is told. */
  readonly untilPath: (path: string) => Promise<void>;
  readonly untilKind: (kind: TreeEvent["kind"]) => Promise<void>;
  readonly folders: () => number | undefined;
  readonly rearm: () => Promise<void>;
  /** Forgets what was told. */
  readonly forget: () => void;
};

export async function watchFolder(
  watcher: FolderWatcher,
  directory: string,
  options: Partial<Pick<TreeToWatch, "isLeftOut" | "ruleFile">> = {},
): Promise<WatchedFolder> {
  const signal = eventSignal();
  const events: TreeEvent[] = [];
  const tree = watcher.watchTree({
    directory,
    isLeftOut: () => false,
    ...options,
    tell: (event) => {
      events.push(event);
      signal.ring();
    },
  });
  await tree.ready;
  const paths = (): readonly string[] => [
    ...new Set(events.flatMap((event) => (event.kind === "changed" ? [event.path] : []))),
  ];
  const until = (isMet: () => boolean): Promise<void> =>
    signal.until(isMet, () => `told so far: ${JSON.stringify(events).slice(0, 2000)}`);
  return {
    events,
    paths,
    until,
    untilPath: (path) => until(() => paths().includes(path)),
    untilKind: (kind) => until(() => events.some((event) => event.kind === kind)),
    folders: () => tree.folders,
    rearm: () => tree.rearm(),
    forget: () => void events.splice(0),
    [Symbol.dispose]: () => tree[Symbol.dispose](),
  };
}

export type EventSignal = {
  readonly ring: () => void;
  /** Waits until it is met, looking each time it rings; throws when that takes too long. */
  readonly until: (isMet: () => boolean, describe: () => string) => Promise<void>;
};

export function eventSignal(): EventSignal {
  const waiting: (() => void)[] = [];
  return {
    ring: () => {
      for (const wake of waiting.splice(0)) wake();
    },
    until: async (isMet, describe) => {
      let isLate = false;
      const deadline = setTimeout(() => {
        isLate = true;
        for (const wake of waiting.splice(0)) wake();
      }, DEADLINE_MS);
      try {
        while (!isMet()) {
          if (isLate) throw new Error(`waited ${DEADLINE_MS} ms in vain; ${describe()}`);
          await new Promise<void>((resolve) => waiting.push(resolve));
        }
      } finally {
        clearTimeout(deadline);
      }
    },
  };
}
