import { expect, test } from "bun:test";

import { RunHints } from "../../../src/schedule/watch/run-hints.ts";

test("before the first run anything may have changed", () => {
  const hints = new RunHints();
  hints.note("a");
  expect(hints.start()).toBeUndefined();
});

test("a run gets what changed since the last one began, also while that ran", () => {
  const hints = new RunHints();
  hints.start();
  hints.note("during");
  hints.end({ isComplete: true });
  hints.note("after");
  expect(hints.start()).toEqual(["during", "after"]);
  hints.end({ isComplete: true });
  expect(hints.start()).toEqual([]);
});

test("what a run did not finish to look at is given to the next one too", () => {
  const hints = new RunHints();
  hints.start();
  hints.end({ isComplete: true });
  hints.note("a");
  hints.start();
  hints.note("b");
  hints.end({ isComplete: false });
  expect(hints.start()).toEqual(["b", "a"]);
  hints.note(undefined);
  hints.end({ isComplete: true });
  expect(hints.start()).toBeUndefined();
  hints.end({ isComplete: false });
  expect(hints.start()).toBeUndefined();
});

test("too many paths, or the source's folder itself, are anything", () => {
  const hints = new RunHints();
  hints.start();
  for (let number = 0; number < 1001; number++) hints.note(String(number));
  expect(hints.start()).toBeUndefined();
  hints.note("");
  expect(hints.start()).toBeUndefined();
  for (let number = 0; number < 1000; number++) hints.note(String(number));
  expect(hints.start()).toHaveLength(1000);
});
