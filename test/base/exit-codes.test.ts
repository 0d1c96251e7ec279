import { expect, test } from "bun:test";

import { EXIT_CODES, exitCodeOf } from "../../src/base/exit-codes.ts";

test("the exit codes are the promised ones: scripts of users depend on them", () => {
  const codes = Object.fromEntries(Object.entries(EXIT_CODES).map(([kind, { code }]) => [kind, code]));
  expect(codes).toEqual({
    ok: 0,
    failed: 1,
    usage: 2,
    config: 2,
    unreachable: 3,
    auth: 4,
    conflict: 5,
    unsafe: 6,
    guard: 7,
    locked: 8,
    interrupted: 130,
  });
});

test("a kind of error gives its code", () => {
  expect([exitCodeOf("ok"), exitCodeOf("guard"), exitCodeOf("interrupted")]).toEqual([0, 7, 130]);
});
