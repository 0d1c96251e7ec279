/** The wired house in a home of its own, for tests of use-cases. */
import { compose } from "../../src/compose.ts";
import type { Context, Deps } from "../../src/app/deps.ts";
import { createLog } from "../../src/base/log.ts";
import { fakeClock, type FakeClock } from "./fake-clock.ts";
import { tempHome, type TempHome } from "./temp-home.ts";

export type Composed = TempHome & {
  readonly deps: Deps;
  readonly clock: FakeClock;
  readonly context: Context;
};

export function composed(extra: Readonly<Record<string, string>> = {}): Composed {
  const place = tempHome({ LULL_DEVICE: "laptop", ...extra });
  const clock = fakeClock(1_800_000_000_000);
  const deps = compose({
    env: place.env,
    cwd: place.home,
    clock,
    log: createLog("quiet", () => {}),
    configFile: undefined,
  });
  return { ...place, deps, clock, context: { signal: new AbortController().signal } };
}
