import { expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import { toRunError } from "../../src/sync/run-error.ts";

test("a failed call on a file is told by its words, not as a fault of lull", () => {
  const failing = Object.assign(new Error("EIO: i/o error, unlink '/x/HEAD.lock'"), {
    code: "EIO",
    syscall: "unlink",
    path: "/x/HEAD.lock",
  });
  expect(toRunError(failing)).toMatchObject({ kind: "failed", code: "EIO" });
  expect(toRunError(failing).message).toStartWith("cannot unlink /x/HEAD.lock: ");
});

test("of a failure and a failed clean-up the first is told", () => {
  const full = new LullError({ kind: "failed", code: "ENOSPC", message: "the disk is full" });
  const both = Object.assign(new Error(""), { error: new Error("EIO"), suppressed: full });
  expect(toRunError(both)).toMatchObject({ code: "ENOSPC", message: "the disk is full" });
});

test("what nobody thought of is called unexpected", () => {
  expect(toRunError(new TypeError("x is not a function"))).toMatchObject({ code: "INTERNAL" });
});
