import { EntryFeed, type ReadEntry } from "./entry-feed.ts";

/** What the other thread is told: it calls `new EntryFeed(shared).serve(…)` with the pack's file. */
export type ReadEntriesOrder = {
  readonly kind: "entries";
  readonly shared: SharedArrayBuffer;
  readonly path: string;
};

/**
 * Has a thread that takes orders; undefined where a second thread is of no use. It may come late, fail or never answer:
 * then everything is done without it.
 */
export type StartEntryReader = () => { post(order: ReadEntriesOrder): void } | undefined;

/** An entry takes 10 ms at most. A thread that is silent for so long is dead, or so slow that it is no help. */
const MOST_SILENCE_MS = 2000;
/** It starts in 3 to 7 ms, mostly while the pack is still coming. */
const MOST_LATENESS_MS = 20;

/** Takes a pack in on two threads: the other one inflates entries ahead, also while the pack is still coming. */
export class EntryLane {
  readonly #feed = new EntryFeed();
  readonly #mostSilenceMs: number;
  #isGivenUp = false;

  private constructor(mostSilenceMs: number) {
    this.#mostSilenceMs = mostSilenceMs;
  }

  /** @param path of the file to which the pack is being written */
  static open(start: StartEntryReader, path: string, mostSilenceMs = MOST_SILENCE_MS): EntryLane | undefined {
    const thread = start();
    if (thread === undefined) return undefined;
    const lane = new EntryLane(mostSilenceMs);
    thread.post({ kind: "entries", shared: lane.#feed.shared, path });
    return lane;
  }

  /** Says how much of the pack is in the file. */
  offer(stored: number, isComplete: boolean): void {
    if (!this.#isGivenUp) this.#feed.offer(stored, isComplete);
  }

  /** The next entry if it is there already. Its views are valid until the next call. */
  take(): ReadEntry | undefined {
    return this.#isGivenUp ? undefined : this.#feed.take();
  }

  /** Whether the next entry will come by itself, as far as it is in the file. */
  get isReading(): boolean {
    return !this.#isGivenUp && (this.#feed.isReading || !this.#feed.hasBegun);
  }

  /** As `take`, and waits for it. Undefined: the caller has to read the next entry, and then to `resume`. */
  takeInTime(): ReadEntry | undefined {
    if (this.#isGivenUp) return undefined;
    const entry = this.#feed.take();
    if (entry !== undefined) return entry;
    if (this.#feed.waitForEntry(this.#feed.hasBegun ? this.#mostSilenceMs : MOST_LATENESS_MS))
      return this.#feed.take();
    // It may come to life again, but what it reads then is behind the one who took the next entry.
    if (this.isReading) this.#giveUp(0);
    return undefined;
  }

  /** Says that the caller has read an entry itself, and where it ends. */
  resume(offset: number): void {
    if (!this.#isGivenUp) this.#feed.resume(offset);
  }

  /** Before the file is moved; afterwards everything is the caller's. */
  close(): void {
    this.#giveUp(this.#mostSilenceMs);
  }

  #giveUp(mostMs: number): void {
    if (this.#isGivenUp) return;
    this.#isGivenUp = true;
    this.#feed.end(mostMs);
  }
}
