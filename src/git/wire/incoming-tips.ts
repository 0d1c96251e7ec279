import type { Oid } from "../model.ts";

/**
 * What the fetches of one repository that go on at once are bringing. Remotes of one source mostly move together: who
 * wants what another one is bringing waits for it, and finds it here.
 */
export class IncomingTips {
  readonly #byTip = new Map<Oid, Promise<void>>();

  /**
   * Returns what to wait for before the same is asked for again; undefined: nothing.
   * @param knowsNothing so that everything would come: any other fetch may bring it
   */
  bringing(
    tips: readonly Oid[],
    { knowsNothing }: { readonly knowsNothing: boolean },
  ): Promise<void> | undefined {
    if (tips.length === 0) return undefined;
    const wanted = knowsNothing ? [...this.#byTip.keys()] : tips;
    for (const tip of wanted) {
      const brought = this.#byTip.get(tip);
      if (brought !== undefined) return brought;
    }
    return undefined;
  }

  /** Says that these are on their way until the returned object is disposed of, whether they came or not. */
  begin(tips: readonly Oid[]): Disposable {
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const tip of tips) this.#byTip.set(tip, promise);
    return {
      [Symbol.dispose]: () => {
        for (const tip of tips) this.#byTip.delete(tip);
        resolve();
      },
    };
  }
}
