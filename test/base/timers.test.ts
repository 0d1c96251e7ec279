import { expect, test } from "bun:test";

import { systemTimers } from "../../src/base/timers.ts";

test("a timer that is further away than the runtime can count does not fire at once", async () => {
  let fired = false;
  using _ = systemTimers.after(40 * 86_400_000, () => {
    fired = true;
  });
  await new Promise<void>((resolve) => void systemTimers.after(20, resolve));
  expect(fired).toBe(false);
});
