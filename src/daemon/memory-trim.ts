/** Gives memory back when the daemon has come to rest: after its start, and after each burst of work. */
import type { Timers } from "../base/timers.ts";

/** By then the workers of the last burst are gone, too. */
const REST_MS = 75_000;
/** The start is over. */
const SETTLED_MS = 15_000;
/** What the seldom work of a daemon at rest has touched goes back, too. */
const AGAIN_MS = 1_800_000;

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
      this.#later(ms < REST_MS ? REST_MS : AGAIN_MS);
    });
  }
}
