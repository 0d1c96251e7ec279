import { expect, test } from "bun:test";

import { retryAfterMs } from "../../src/base/retry-after.ts";

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const clock = { now: () => NOW, monotonic: () => 0, utcOffset: () => 0 };

test.each([
  ["2", 2000],
  ["0", 1000],
  ["1.5", 1500],
  ["-1", 1000],
  ["1000000000", 3_600_000],
  ["Fri, 02 Jan 2026 03:06:05 GMT", 120_000],
  ["Friday, 02-Jan-26 03:06:05 GMT", 120_000],
  ["Fri Jan  2 03:06:05 2026 GMT", 120_000],
  ["Fri, 02 Jan 2026 03:04:00 GMT", 1000],
  ["Fri, 02 Jan 2099 03:04:00 GMT", 3_600_000],
  ["Fri, 99 Foo 2026 03:04:00 GMT", 60_000],
  ["soon 5", 60_000],
  ["", 60_000],
])("Retry-After %j means waiting %d ms", (value, expected) => {
  expect(retryAfterMs(new Headers({ "retry-after": value }), clock)).toBe(expected);
});

test("without Retry-After a reset time counts, and without any a minute", () => {
  const reset = String(NOW / 1000 + 90);
  expect(retryAfterMs(new Headers({ "x-ratelimit-reset": reset }), clock)).toBe(90_000);
  expect(retryAfterMs(new Headers({ "ratelimit-reset": reset }), clock)).toBe(90_000);
  expect(retryAfterMs(new Headers({ "x-ratelimit-reset": "never" }), clock)).toBe(60_000);
  expect(retryAfterMs(new Headers(), clock)).toBe(60_000);
});
