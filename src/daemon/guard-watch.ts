/** Ends the pauses of guards whose reason goes by itself: a folder that was away is back. */
import { healsByItself } from "../app/guard-pause.ts";
import type { Clock } from "../base/clock.ts";
import type { PauseStore } from "../store/pause-store.ts";
import type { KnownSource } from "./known-source.ts";

export type GuardWatchDeps = {
  readonly clock: Clock;
  readonly pauses: PauseStore;
  /** Whether nothing can be seen any more of why a guard that heals by itself stopped the source in this folder. */
  readonly isFolderBack: (directory: string, guard: string) => boolean;
};

export class GuardWatch {
  readonly #deps: GuardWatchDeps;

  constructor(deps: GuardWatchDeps) {
    this.#deps = deps;
  }

  /** Returns the sources that go on; a sync of them is due. */
  look(sources: ReadonlyMap<string, KnownSource>): readonly string[] {
    const { clock, pauses, isFolderBack } = this.#deps;
    const now = clock.now();
    const back = pauses.list(now).filter(({ source: name, guard }) => {
      if (guard === undefined || !healsByItself(guard)) return false;
      const directory = sources.get(name)?.source.directory;
      return directory !== undefined && isFolderBack(directory, guard);
    });
    for (const { source } of back) pauses.resume(source, now);
    return back.map(({ source }) => source);
  }
}
