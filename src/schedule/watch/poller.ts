/** Looks for changes where the system tells of none: now and then, the less often the longer a look takes. */
import type { Clock } from "../../base/clock.ts";
import type { Timers } from "../../base/timers.ts";
import type { signatureOf, TreeLook } from "../../platform/watch/look-at-folder.ts";
import { alignedDelay } from "./aligned-delay.ts";

/** Not below: each look costs a system call for every file. */
export const SHORTEST_POLL_MS = 30_000;
const LONGEST_POLL_MS = 600_000;
/** A look may take so much of the time, a two-hundredth, and no more. */
const REST_TO_WORK = 200;

export type PollerInput = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly signatureOf: typeof signatureOf;
  /** Folders to look at, one after the other. */
  readonly places: readonly { readonly directory: string; readonly look: Omit<TreeLook, "signal"> }[];
  readonly beforeLook: () => void;
  readonly onChange: () => void;
  /** How often is polled has changed. */
  readonly onPace: (everyMs: number) => void;
};

export class Poller implements Disposable {
  readonly #input: PollerInput;
  readonly #abort = new AbortController();
  #timer: Disposable | undefined;
  #last: string | undefined;
  #everyMs = SHORTEST_POLL_MS;

  constructor(input: PollerInput) {
    this.#input = input;
    void this.#poll();
  }

  get everyMs(): number {
    return this.#everyMs;
  }

  [Symbol.dispose](): void {
    this.#abort.abort();
    this.#timer?.[Symbol.dispose]();
  }

  async #poll(): Promise<void> {
    const { clock, timers } = this.#input;
    const start = clock.monotonic();
    const found = await this.#look();
    if (this.#abort.signal.aborted) return;
    this.#setPace(clock.monotonic() - start);
    // What can not be looked at has not changed; whether it is there is asked elsewhere.
    if (found !== undefined && this.#last !== undefined && found !== this.#last) this.#input.onChange();
    this.#last = found ?? this.#last;
    this.#timer = timers.after(alignedDelay(clock, this.#everyMs), () => void this.#poll());
  }

  async #look(): Promise<string | undefined> {
    this.#input.beforeLook();
    const signatures: (bigint | undefined)[] = [];
    for (const { directory, look } of this.#input.places) {
      const { signal } = this.#abort;
      const found = this.#input.signatureOf(directory, { ...look, signal });
      // A source without a repository yet has no second place.
      signatures.push(await found.catch(() => undefined));
    }
    return signatures.every((found) => found === undefined) ? undefined : signatures.join(" ");
  }

  #setPace(tookMs: number): void {
    const wanted = Math.ceil((tookMs * REST_TO_WORK) / SHORTEST_POLL_MS) * SHORTEST_POLL_MS;
    const everyMs = Math.min(Math.max(wanted, SHORTEST_POLL_MS), LONGEST_POLL_MS);
    if (everyMs === this.#everyMs) return;
    this.#everyMs = everyMs;
    this.#input.onPace(everyMs);
  }
}
