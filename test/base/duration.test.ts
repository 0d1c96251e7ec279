import { expect, test } from "bun:test";

import { formatDuration, parseDuration } from "../../src/base/duration.ts";

test.each([
  ["0", 0],
  ["250ms", 250],
  ["90s", 90_000],
  ["5m", 300_000],
  ["1h30m", 5_400_000],
  ["1 h 30 m", 5_400_000],
  ["1.5h", 5_400_000],
  ["2d", 172_800_000],
  ["1w", 604_800_000],
])("%p means %d milliseconds", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "5", "5x", "-5m", "m", "5m!", "1e3s", "five minutes", "99999999999999999w", "0m5"])(
  "%p is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, "0 ms"],
  [840, "840 ms"],
  [999.7, "1 s"],
  [1000, "1 s"],
  [12_300, "12.3 s"],
  [59_949, "59.9 s"],
  [59_960, "1 min"],
  [245_000, "4 min 5 s"],
  [3_599_600, "1 h"],
  [10_800_000, "3 h"],
  [11_100_000, "3 h 5 min"],
  [187_200_000, "2 d 4 h"],
  [172_800_000, "2 d"],
])("%d milliseconds read %p", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
