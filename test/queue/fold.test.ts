import { expect, test } from "bun:test";

import { fold, type Waiting } from "../../src/queue/fold.ts";
import { NO_FACTS } from "../../src/queue/job.ts";

const BASE: Waiting = {
  cause: "schedule",
  facts: NO_FACTS,
  requestedAt: 1000,
  dueSince: 900,
  notBefore: 5000,
  hints: ["a.md"],
};

test("the graver cause, the earliest times, the newest facts and all paths stay", () => {
  const facts = { ...NO_FACTS, unpushed: true };
  const second: Waiting = {
    cause: "change",
    facts,
    requestedAt: 2000,
    dueSince: 2000,
    notBefore: 2000,
    hints: ["b.md", "a.md"],
  };
  expect(fold(BASE, second, false)).toEqual({
    cause: "change",
    facts,
    requestedAt: 1000,
    dueSince: 900,
    notBefore: 2000,
    hints: ["a.md", "b.md"],
  });
  expect(fold(second, BASE, false).cause).toBe("change");
});

test("when anything may have changed, no list of paths hides it", () => {
  expect(fold(BASE, { ...BASE, hints: undefined }, false).hints).toBeUndefined();
  expect(fold({ ...BASE, hints: undefined }, BASE, false).hints).toBeUndefined();
});

test("too many paths become: anything", () => {
  const paths = (from: number, count: number) =>
    Array.from({ length: count }, (_, index) => `${from + index}`);
  expect(
    fold({ ...BASE, hints: paths(0, 500) }, { ...BASE, hints: paths(500, 500) }, false).hints,
  ).toHaveLength(1000);
  expect(
    fold({ ...BASE, hints: paths(0, 501) }, { ...BASE, hints: paths(501, 500) }, false).hints,
  ).toBeUndefined();
});

test("a back-off is cut short by a person only", () => {
  const sooner = { ...BASE, notBefore: 1500 };
  expect(fold(BASE, { ...sooner, cause: "change" }, true).notBefore).toBe(5000);
  expect(fold(BASE, { ...sooner, cause: "person" }, true).notBefore).toBe(1500);
});
