import { expect, test } from "bun:test";

import { ATTENDED, backOffMs, UNATTENDED } from "../../src/queue/back-off.ts";

const LATEST = (): number => 1 - Number.EPSILON;

test("the ceiling doubles from 30 s to an hour and stays there", () => {
  const ceilings = [0, 1, 2, 6, 7, 500].map((failures) => backOffMs(failures, UNATTENDED, LATEST));
  expect(ceilings).toEqual([30_000, 60_000, 120_000, 1_920_000, 3_600_000, 3_600_000]);
});

test("a person waits for seconds, not for minutes", () => {
  expect([0, 1, 20].map((failures) => backOffMs(failures, ATTENDED, LATEST))).toEqual([
    5000, 10_000, 300_000,
  ]);
});

test("full jitter reaches from one second up, and never draws a retry at once", () => {
  expect(backOffMs(3, UNATTENDED, () => 0)).toBe(1000);
  expect(backOffMs(3, UNATTENDED, () => 0.5)).toBe(120_000);
});
