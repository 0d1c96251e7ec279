import { expect, test } from "bun:test";

import { countsIn, judge, sum } from "../../scripts/gate/test-run.ts";

const summary = (...lines: readonly string[]): string =>
  ["(pass) x", "", ...lines, "Ran 7 tests across 3 files. [13.00ms]", ""].join("\n");

test("the numbers are those of the runner's summary", () => {
  const output = summary(" 12 pass", " 1 skip", " 2 todo", " 3 fail", " 1 error", " 40 expect() calls");
  expect(countsIn(output)).toEqual({ passed: 12, failed: 3, skipped: 3 });
});

test("what a test prints is no summary, and of two summaries the last counts", () => {
  expect(countsIn(" 99 pass\n")).toBeUndefined();
  expect(countsIn(summary(" 99 pass", " 0 fail") + summary(" 1 pass", " 0 fail"))?.passed).toBe(1);
});

test("a run that passed has passed", () => {
  expect(judge({ code: 0, output: summary(" 2 pass", " 0 fail") })).toMatchObject({
    ok: true,
    passed: 2,
    failed: 0,
  });
});

test("a run that ended with an error has failed, whatever the summary says", () => {
  expect(judge({ code: 1, output: summary(" 2 pass", " 0 fail") })).toMatchObject({
    ok: false,
    passed: 2,
    failed: 1,
  });
});

test("a run without a summary has failed", () => {
  expect(judge({ code: 0, output: "Segmentation fault" })).toMatchObject({ ok: false, failed: 1 });
});

test("the numbers of several runs add up", () => {
  const one = { passed: 1, failed: 2, skipped: 3 };
  expect(sum([one, one])).toEqual({ passed: 2, failed: 4, skipped: 6 });
});
