import type { Clock } from "../base/clock.ts";
import { systemTimers, type Timers } from "../base/timers.ts";
import { WatchedIgnore } from "../git/worktree/watched-ignore.ts";
import { localClock } from "../platform/local-clock.ts";
import * as look from "../platform/watch/look-at-folder.ts";
import { networkFileSystem } from "../platform/watch/network-folder.ts";
import { openFolderWatcher } from "../platform/watch/open-folder-watcher.ts";
import type { Watching } from "../schedule/watch/watch.ts";
import { watchSource } from "../schedule/watch/watch-source.ts";

export type ComposeWatchingInput = {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
  readonly timers?: Timers;
};

/**
 * What the daemon watches sources with: one watcher of the system for all of them, and git's ignore rules without the
 * engine around them.
 */
export function composeWatching({
  env,
  clock = localClock,
  timers = systemTimers,
}: ComposeWatchingInput): Watching {
  const watcher = openFolderWatcher(timers);
  const deps = { clock, timers, watcher, networkFileSystem, ...look };
  return {
    watch: (source, target) =>
      watchSource(
        deps,
        { ignore: new WatchedIgnore({ directory: source.directory, environment: env }), ...source },
        target,
      ),
    [Symbol.dispose]: () => watcher[Symbol.dispose](),
  };
}
