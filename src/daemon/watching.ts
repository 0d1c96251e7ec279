/** The watches of all sources: begun and ended as the config says, their news turned into the story and into requests. */
import type {
  ChangedPaths,
  RunEnd,
  SourceToWatch,
  SourceWatch,
  WatchEvent,
  WatchState,
} from "../schedule/watch/watch.ts";
import type { Notifier } from "../notify/notify.ts";
import type { KnownSource } from "./known-source.ts";
import type { Tell } from "../app/story.ts";

export type StartWatch = (source: SourceToWatch, onEvent: (event: WatchEvent) => void) => SourceWatch;

export type WatchingDeps = {
  readonly startWatch: StartWatch;
  readonly tell: Tell;
  readonly notifier: () => Notifier;
  /** A burst of changes is over: a sync is due since then. */
  readonly changed: (source: string, since: number) => void;
};

type Running = { readonly watch: SourceWatch; readonly asked: string };

export class Watching implements Disposable {
  readonly #deps: WatchingDeps;
  readonly #running = new Map<string, Running>();

  constructor(deps: WatchingDeps) {
    this.#deps = deps;
  }

  /**
   * Brings the watches to what the config says; one that is asked for in the same words goes on. Returns the sources
   * that were not watched before: what changed in them is not known.
   */
  follow(sources: ReadonlyMap<string, KnownSource>): readonly string[] {
    const wanted = new Map(
      [...sources.values()].flatMap(({ source }) => {
        if (source.watch === undefined || source.directory === undefined) return [];
        return [[source.name, { directory: source.directory, ...source.watch }] as const];
      }),
    );
    for (const [name, { asked }] of this.#running) {
      const now = wanted.get(name);
      if (now === undefined || JSON.stringify(now) !== asked) this.#end(name);
    }
    const begun = [...wanted.keys()].filter((name) => !this.#running.has(name));
    for (const [name, source] of wanted) {
      if (this.#running.has(name)) continue;
      const watch = this.#deps.startWatch(source, (event) => this.#hear(name, event));
      this.#running.set(name, { watch, asked: JSON.stringify(source) });
    }
    return begun;
  }

  /** Resolves when each of them watches, polls, or waits for its folder. */
  async ready(): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ watch }) => watch.ready));
  }

  /** Those that are watched. */
  get sources(): readonly string[] {
    return [...this.#running.keys()];
  }

  stateOf(source: string): WatchState | undefined {
    return this.#running.get(source)?.watch.state;
  }

  /** When pending changes of a source will have come to rest; undefined: there are none. */
  restsAt(source: string): number | undefined {
    return this.#running.get(source)?.watch.dueAt;
  }

  /** A sync begins; returns what changed since the last whole scan. Undefined: anything, or nobody watches. */
  startRun(source: string): ChangedPaths {
    return this.#running.get(source)?.watch.startRun();
  }

  endRun(source: string, end: RunEnd): void {
    this.#running.get(source)?.watch.endRun(end);
  }

  [Symbol.dispose](): void {
    for (const name of this.#running.keys()) this.#end(name);
  }

  #end(name: string): void {
    this.#running.get(name)?.watch[Symbol.dispose]();
    this.#running.delete(name);
  }

  #hear(source: string, event: WatchEvent): void {
    const { tell, changed, notifier } = this.#deps;
    switch (event.kind) {
      case "changed":
        tell({ kind: "changed", source, paths: event.paths?.map(displayBytes) });
        changed(source, event.since);
        return;
      case "mode":
        if (event.mode === "events") {
          tell({ kind: "watching", source, folders: event.folders });
          notifier().event({ kind: "watch-restored", source });
          return;
        }
        tell({
          kind: "polling",
          source,
          everyMs: event.everyMs,
          reason: event.reason.message,
          hint: event.reason.hint,
        });
        notifier().event({
          kind: "watch-polling",
          source,
          reason: event.reason.message,
          hint: event.reason.hint,
        });
        return;
      case "gone":
        tell({ kind: "gone", source, message: event.message });
        return;
      case "back":
        tell({ kind: "back", source });
        return;
      case "noise":
        tell({
          kind: "noise",
          source,
          paths: event.paths.map(({ path, everyMs }) => ({ path: displayBytes(path), everyMs })),
        });
    }
  }
}

/** Paths come as bytes in latin1. */
function displayBytes(path: string): string {
  return Buffer.from(path, "latin1").toString("utf8");
}
