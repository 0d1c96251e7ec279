import type { Progress } from "../model.ts";

/** From so many on their size says something of the rest. */
const ENOUGH_OBJECTS = 16;

/** Tells how far a pack has come: bytes while it is received, then objects. */
export class IngestProgress {
  readonly #tell: Progress;
  #expected = 0;
  #isReceived = false;

  constructor(tell: Progress) {
    this.#tell = tell;
  }

  /**
   * How long a pack is nobody says beforehand: the part of its objects that was found so far has to do.
   * @param found of the objects; 0 for a pack in which nobody looks before it is whole, as it is small
   */
  bytes(received: number, found: number): void {
    const isKnown = found >= ENOUGH_OBJECTS && found <= this.#expected;
    const total = isKnown ? Math.round((received * this.#expected) / found) : undefined;
    this.#tell("receiving", received, total, "bytes");
  }

  /** As the pack's head says. */
  expects(objects: number): void {
    this.#expected = objects;
  }

  /** From now on what is resolved is a step of its own. */
  received(): void {
    this.#isReceived = true;
  }

  object(resolved: number): void {
    if (this.#isReceived) this.#tell("resolving", resolved, this.#expected);
  }
}
