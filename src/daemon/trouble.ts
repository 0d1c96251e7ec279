/**
 * Trouble of the daemon itself: a database that can not be written, a disk that is full. Each is told once, however often
 * it is met; one that stays is told to people, too, and so is its end.
 */
import type { Tell } from "../app/story.ts";
import type { Clock } from "../base/clock.ts";
import type { Notifier } from "../notify/notify.ts";
import { wordsOf } from "./error-words.ts";

/** The same words are told again after so long. */
const AGAIN_MS = 3_600_000;
/** What lasts for so long does not pass by itself. */
const LASTING_MS = 300_000;

const SHORTEST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 60_000;

const TOPIC = "daemon";

export class Trouble {
  readonly #clock: Clock;
  readonly #tell: Tell;
  readonly #notifier: () => Notifier | undefined;
  /** When each was told last, by its words. */
  readonly #told = new Map<string, number>();
  #since: number | undefined;
  #isKnown = false;

  constructor(deps: {
    readonly clock: Clock;
    readonly tell: Tell;
    readonly notifier: () => Notifier | undefined;
  }) {
    this.#clock = deps.clock;
    this.#tell = deps.tell;
    this.#notifier = deps.notifier;
  }

  /** When to try again: soon at first, then once a minute. Undefined: all went well in the last turn. */
  get pauseMs(): number | undefined {
    if (this.#since === undefined) return undefined;
    const lasts = this.#clock.monotonic() - this.#since;
    return Math.min(LONGEST_PAUSE_MS, Math.max(SHORTEST_PAUSE_MS, Math.round(lasts / 2)));
  }

  /** Does some work; what it throws is told. Returns whether it went well. */
  guard(work: () => void): boolean {
    try {
      work();
      return true;
    } catch (error) {
      this.note(error);
      return false;
    }
  }

  note(error: unknown): void {
    const words = wordsOf(error);
    const now = this.#clock.monotonic();
    this.#since ??= now;
    if (now - this.#since >= LASTING_MS && !this.#isKnown) {
      this.#isKnown = true;
      const body = words.hint === undefined ? [] : [words.hint];
      this.#notifier()?.event({ kind: "trouble", topic: TOPIC, level: "error", title: words.message, body });
    }
    const told = this.#told.get(words.message);
    if (told !== undefined && now - told < AGAIN_MS) return;
    this.#told.set(words.message, now);
    this.#tell({ kind: "trouble", ...words });
  }

  /** A turn went well. */
  over(): void {
    this.#since = undefined;
    for (const [message, at] of this.#told) {
      if (this.#clock.monotonic() - at >= AGAIN_MS) this.#told.delete(message);
    }
    if (!this.#isKnown) return;
    this.#isKnown = false;
    this.#notifier()?.event({ kind: "trouble-over", topic: TOPIC });
  }
}
