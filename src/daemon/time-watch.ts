/** Notices that the machine slept and that the wall clock was set, from two clocks of which only one can be set. */
import type { Clock } from "../base/clock.ts";

export type TimeNews =
  /** Nothing ran for so long: sleep, a stopped process, a frozen virtual machine. */
  { readonly kind: "woke"; readonly awayMs: number } | { readonly kind: "clock-set"; readonly byMs: number };

/** Looks happen every minute at the latest; a machine that is only busy is not this late. */
const AWAY_MS = 120_000;
/** NTP corrects by less. */
const SET_MS = 30_000;

export class TimeWatch {
  readonly #clock: Clock;
  #wall: number;
  #monotonic: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wall = clock.now();
    this.#monotonic = clock.monotonic();
  }

  /** To be called every minute at least; tells what happened since the last call. */
  look(): TimeNews | undefined {
    const wall = this.#clock.now() - this.#wall;
    const monotonic = this.#clock.monotonic() - this.#monotonic;
    this.#wall += wall;
    this.#monotonic += monotonic;
    // The monotonic clock of some systems goes on during sleep, that of others stands still: then the wall runs ahead.
    if (monotonic > AWAY_MS || wall - monotonic > AWAY_MS)
      return { kind: "woke", awayMs: Math.max(wall, monotonic) };
    return Math.abs(wall - monotonic) > SET_MS
      ? { kind: "clock-set", byMs: Math.round(wall - monotonic) }
      : undefined;
  }
}
