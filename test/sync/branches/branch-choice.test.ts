import { expect, test } from "bun:test";

import { isChosen } from "../../../src/sync/branches/branch-choice.ts";

test.each([
  [["main"], "main", true],
  [["main"], "mainline", false],
  [["auto/*"], "auto/x", true],
  [["auto/*"], "auto/x/y", false],
  [["auto/**"], "auto/x/y", true],
  [["main", "auto/*"], "auto/x", true],
  [["{main,dev}"], "dev", true],
  [["*"], "feature/x", false],
  [["**"], "feature/x", true],
  [["!wip/*"], "main", true],
  [["!wip/*"], "wip/x", false],
  [["**", "!wip/**"], "wip/x/y", false],
  [["**", "!wip/**"], "main", true],
  [[], "anything", true],
  // A branch may have a name that is a pattern of its own.
  [["a[1]"], "a[1]", true],
] as const)("%j takes %s: %p", (patterns, name, expected) => {
  expect(isChosen(patterns, name)).toBe(expected);
});
