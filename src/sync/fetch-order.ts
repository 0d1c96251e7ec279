/**
 * The order among fetches that go on at once. What comes is taken in the order of the remotes, whichever answers first,
 * so that the same news give the same result; but one that does not answer must not keep back the others for long.
 */
import { sleep } from "../base/sleep.ts";

/** Longer than a slow network takes for an answer, and short beside the deadlines that end a connection. */
const PATIENCE_MS = 3000;

/** When it is disposed of, nobody waits for others any more. */
export class FetchOrder implements Disposable {
  readonly #patienceMs: number;
  readonly #begun: Promise<void>[] = [];
  /** Have everything that they need of their remote. */
  readonly #ready = new Set<Promise<void>>();
  readonly #patience = new AbortController();
  readonly #isOver = Promise.withResolvers<void>();
  #isWaiting = false;

  constructor(patienceMs = PATIENCE_MS) {
    this.#patienceMs = patienceMs;
  }

  /**
   * Begins the next fetch in order.
   * @param fetch awaits `inTurn` when everything is here: until the earlier ones have ended or patience has
   */
  begin(fetch: (inTurn: () => Promise<void>) => Promise<void>): Promise<void> {
    const earlier = Promise.allSettled(this.#begun);
    const inTurn = async (): Promise<void> => {
      this.#ready.add(fetched);
      this.#beginToWait();
      await Promise.race([earlier, this.#isOver.promise]);
    };
    const fetched = Promise.resolve().then(() => fetch(inTurn));
    this.#begun.push(fetched);
    return fetched;
  }

  /**
   * Waits until all have ended, or only those are left for which the others have waited long enough.
   * @throws what the first failed with that failed
   */
  async settled(): Promise<void> {
    await Promise.race([Promise.all(this.#begun), this.#isOver.promise]);
    await Promise.all(this.#ready);
  }

  [Symbol.dispose](): void {
    this.#patience.abort();
    this.#isOver.resolve();
  }

  /** Patience is counted from when the first has everything. */
  #beginToWait(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    sleep(this.#patienceMs, this.#patience.signal).then(this.#isOver.resolve, this.#isOver.resolve);
  }
}
