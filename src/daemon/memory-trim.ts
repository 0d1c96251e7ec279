/** Gives memory back when the daemon has come to rest: after its start, and after each burst of work. */
import type { Timers } from "../base/timers.ts";

/** By then the workers of the last burst are gone, too. */
const REST_MS = 75_000;
/** The start is over. */
const SETTLED_MS = 15_000;
/** What the seldom work of a daemon at rest touches only once goes back, too (measured: 6 of 45 MB). */
const SECOND_MS = 120_000;
const AGAIN_MS = 1_800_000;

/** The wait after each wait. */
const NEXT: ReadonlyMap<number, number> = new Map([
  [SETTLED_MS, REST_MS],
  [REST_MS, SECOND_MS],
]);

export class MemoryTrim implements Disposable {
  readonly #timers: Timers;
  readonly #trim: () => void;
  #timer: Disposable | undefined;

  constructor(timers: Timers, trim: () => void) {
    this.#timers = timers;
    this.#trim = trim;
  }

  started(): void {
    this.#later(SETTLED_MS);
  }

  /** Work has ended; more of it puts the rest off. */
  worked(): void {
    this.#later(REST_MS);
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
  }

  #later(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#timers.after(ms, () => {
      this.#trim();
      this.#later(NEXT.get(ms) ?? AGAIN_MS);
    });
  }
}
