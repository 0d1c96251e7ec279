import type { Timers } from "../../src/base/timers.ts";
import type { FakeClock } from "./fake-clock.ts";

export type FakeTimers = Timers & {
  /** Lets time pass on the clock and runs what falls due on the way, in order; then lets promises settle. */
  pass(ms: number): Promise<void>;
  /** How many are set. */
  readonly pending: number;
};

type Entry = { readonly at: number; readonly run: () => void };

export function fakeTimers(clock: FakeClock): FakeTimers {
  const entries = new Set<Entry>();
  return {
    after(ms, run) {
      const entry = { at: clock.monotonic() + Math.max(0, ms), run };
      entries.add(entry);
      return { [Symbol.dispose]: () => void entries.delete(entry) };
    },
    async pass(ms) {
      const end = clock.monotonic() + ms;
      await settle();
      for (;;) {
        const next = [...entries].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
        if (next === undefined) break;
        entries.delete(next);
        clock.advance(Math.max(0, next.at - clock.monotonic()));
        next.run();
        await settle();
      }
      clock.advance(Math.max(0, end - clock.monotonic()));
    },
    get pending() {
      return entries.size;
    },
  };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 8; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
