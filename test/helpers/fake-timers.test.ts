import { expect, test } from "bun:test";

import { fakeClock } from "./fake-clock.ts";
import { fakeTimers } from "./fake-timers.ts";

test("timers fire in order while time passes, also those that a timer sets", async () => {
  const clock = fakeClock();
  const timers = fakeTimers(clock);
  const seen: string[] = [];
  timers.after(200, () => seen.push("second"));
  timers.after(100, () => {
    seen.push("first");
    timers.after(150, () => seen.push(`third at ${clock.monotonic()}`));
  });
  using _ = timers.after(120, () => seen.push("never"));
  _[Symbol.dispose]();
  await timers.pass(1000);
  expect(seen).toEqual(["first", "second", "third at 250"]);
  expect(clock.monotonic()).toBe(1000);
});
