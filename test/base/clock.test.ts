import { expect, test } from "bun:test";

import { systemClock } from "../../src/base/clock.ts";

test("the system clock tells the wall time in milliseconds", () => {
  const before = Date.now();
  const now = systemClock.now();
  expect(now).toBeGreaterThanOrEqual(before);
  expect(now).toBeLessThanOrEqual(Date.now());
});

test("monotonic time does not go back", () => {
  const first = systemClock.monotonic();
  expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
});

test("the offset of local time is counted eastwards, daylight saving included", () => {
  const zone = process.env["TZ"];
  try {
    process.env["TZ"] = "Europe/Rome";
    expect(systemClock.utcOffset(Date.UTC(2025, 6, 1))).toBe(120);
    expect(systemClock.utcOffset(Date.UTC(2025, 0, 1))).toBe(60);
  } finally {
    if (zone === undefined) delete process.env["TZ"];
    else process.env["TZ"] = zone;
  }
});
