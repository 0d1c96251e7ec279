import { expect, test } from "bun:test";

import { fakeClock } from "./fake-clock.ts";

test("time passes on the wall and in the machine; setting the wall clock moves the wall only", () => {
  const clock = fakeClock("2025-03-30T00:59:00Z");
  clock.advance(60_000);
  clock.setWall("2025-03-29T00:00:00Z");
  clock.setUtcOffset(120);
  expect([clock.now(), clock.monotonic(), clock.utcOffset(clock.now())]).toEqual([
    Date.UTC(2025, 2, 29),
    60_000,
    120,
  ]);
});

test("time neither runs backwards nor starts at nonsense", () => {
  expect(() => fakeClock().advance(-1)).toThrow("-1 ms");
  expect(() => fakeClock("soon")).toThrow("no time: soon");
});
