/** How fast transfers go, by what they told of late. Pure but for what it remembers. */

/** A rate over less jumps, over more it does not show that a line has become slow. */
const WINDOW_MS = 5000;
const SHORTEST_MS = 500;

type Sample = { readonly at: number; readonly done: number };

export class TransferRates {
  readonly #samples = new Map<string, Sample[]>();

  /**
   * @param transfer several may go on at once
   * @param at monotonic, in milliseconds
   * @returns bytes per second, or undefined when it is too early to say
   */
  look(transfer: string, done: number, at: number): number | undefined {
    for (const [other, samples] of this.#samples) {
      if (at - (samples.at(-1)?.at ?? 0) > WINDOW_MS) this.#samples.delete(other);
    }
    const before = this.#samples.get(transfer) ?? [];
    // It has begun anew.
    const isSame = done >= (before.at(-1)?.done ?? 0);
    const samples = isSame ? before.filter((sample) => at - sample.at <= WINDOW_MS) : [];
    samples.push({ at, done });
    this.#samples.set(transfer, samples);
    const first = samples[0];
    if (first === undefined || at - first.at < SHORTEST_MS) return undefined;
    return ((done - first.done) / (at - first.at)) * 1000;
  }
}
