import { expect, test } from "bun:test";
import { join } from "node:path";

import { beatHeart, lastHeartbeat } from "../../src/compose/heartbeat.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { resolvePlaces } from "../../src/platform/paths.ts";

test("the last heartbeat is known to others, and a daemon that never ran has none", () => {
  const home = temporaryDirectory();
  const places = resolvePlaces({ environment: { LULL_HOME: join(home, "lull") }, home, system: "linux" });
  expect(lastHeartbeat(places)).toBeUndefined();
  const clock = fakeClock("2026-03-02T12:00:00Z");
  beatHeart(places, clock);
  beatHeart(places, clock);
  expect(lastHeartbeat(places)).toBe(clock.now());
  clock.advance(60_000);
  beatHeart(places, clock);
  expect(lastHeartbeat(places)).toBe(clock.now());
});
