/** Tells of pauses that begin and end, whoever made them. */
import type { Clock } from "../base/clock.ts";
import type { Tell } from "../app/story.ts";
import type { Pause, PauseStore } from "../store/pause-store.ts";

export type PauseWatchDeps = {
  readonly clock: Clock;
  readonly pauses: PauseStore;
  readonly tell: Tell;
};

export class PauseWatch {
  readonly #deps: PauseWatchDeps;
  #known: ReadonlyMap<string, Pause> = new Map();

  constructor(deps: PauseWatchDeps) {
    this.#deps = deps;
  }

  /** Returns whether one has ended. */
  look(): boolean {
    const { clock, pauses, tell } = this.#deps;
    const before = this.#known;
    this.#known = new Map(pauses.list(clock.now()).map((pause) => [pause.source, pause]));
    for (const { source, since, until, reason } of this.#known.values()) {
      if (before.get(source)?.since !== since) tell({ kind: "paused", source, until, reason });
    }
    const ended = [...before.keys()].filter((source) => !this.#known.has(source));
    for (const source of ended) tell({ kind: "resumed", source });
    return ended.length > 0;
  }
}
