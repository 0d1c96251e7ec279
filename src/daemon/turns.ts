/** When the daemon looks at everything: one turn after the other, and between two of them it sleeps. */
import type { Timers } from "../base/timers.ts";

export type TurnsDeps = {
  readonly timers: Timers;
  /** Never throws. */
  readonly turn: () => Promise<void>;
  /** Asked for after a turn: until when nothing is to be done, in milliseconds from now. */
  readonly rest: () => number;
};

export class Turns {
  readonly #deps: TurnsDeps;
  #timer: Disposable | undefined;
  #present: Promise<void> | undefined;
  #isWanted = false;
  #isOver = false;

  constructor(deps: TurnsDeps) {
    this.#deps = deps;
  }

  /** As soon as possible. */
  wake(): void {
    if (this.#isOver) return;
    this.#isWanted = true;
    this.#sleep(0);
  }

  /** Turns never overlap; one that is wanted while another runs follows it. Resolves when it is done. */
  async run(): Promise<void> {
    if (this.#isOver) return;
    if (this.#present !== undefined) return this.#present;
    this.#present = this.#runAll();
    try {
      await this.#present;
    } finally {
      this.#present = undefined;
    }
    if (!this.#isOver) this.#sleep(Math.max(0, this.#deps.rest()));
  }

  /** There are no more; resolves when the present one is done. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    await this.#present;
  }

  async #runAll(): Promise<void> {
    do {
      this.#isWanted = false;
      await this.#deps.turn();
    } while (this.#isWanted && !this.#isOver);
  }

  #sleep(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#deps.timers.after(ms, () => void this.run());
  }
}
