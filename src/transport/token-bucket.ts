import { throwIfAborted } from "../base/abort.ts";
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";

/** What may go out at once after a rest, in milliseconds of the rate: timers are not exact enough for less. */
const BURST_MS = 100;

/** Lets bytes pass at a rate on average: what went through is a debt that time pays off. */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #timers: Timers;
  #rate: number | undefined;
  /** In bytes; below zero is what may pass at once. */
  #debt = 0;
  #paidAt = 0;
  readonly #waiting = new Set<() => void>();

  constructor(parts: { readonly clock: Clock; readonly timers: Timers }) {
    this.#clock = parts.clock;
    this.#timers = parts.timers;
  }

  /** Bytes per second; undefined: no limit. */
  get rate(): number | undefined {
    return this.#rate;
  }

  /** Counts at once, also for who waits. */
  set rate(rate: number | undefined) {
    if (rate === this.#rate) return;
    this.#pay();
    // After a time without a limit as after a rest.
    if (this.#rate === undefined) this.#debt = Number.NEGATIVE_INFINITY;
    this.#rate = rate;
    this.#pay();
    for (const look of this.#waiting) look();
  }

  add(bytes: number): void {
    if (this.#rate === undefined) return;
    this.#pay();
    this.#debt += bytes;
  }

  /** Resolves when more may pass. @throws the signal's reason */
  async ready(signal: AbortSignal): Promise<void> {
    for (;;) {
      throwIfAborted(signal);
      const rate = this.#rate;
      if (rate === undefined) return;
      this.#pay();
      if (this.#debt <= 0) return;
      await this.#sleep(Math.ceil((this.#debt / rate) * 1000), signal);
    }
  }

  #pay(): void {
    const now = this.#clock.monotonic();
    const elapsed = now - this.#paidAt;
    this.#paidAt = now;
    const rate = this.#rate ?? 0;
    this.#debt = Math.max(this.#debt - (elapsed / 1000) * rate, (-rate * BURST_MS) / 1000);
  }

  /** Until the time is over, the rate changes or the signal fires. */
  async #sleep(ms: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = (): void => resolve();
    using _timer = this.#timers.after(ms, wake);
    this.#waiting.add(wake);
    signal.addEventListener("abort", wake);
    try {
      await promise;
    } finally {
      this.#waiting.delete(wake);
      signal.removeEventListener("abort", wake);
    }
  }
}
