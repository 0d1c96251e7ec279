import { describe, expect, test } from "bun:test";

import { fromSystem, LullError, messageOf, systemCode } from "../../src/base/errors.ts";

const system = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

describe("an error", () => {
  test("carries its kind, code, hint, causes, facts and what led to it", () => {
    const cause = new Error("inner");
    const init = {
      kind: "auth",
      code: "AUTH",
      message: "no",
      hint: "log in",
      causes: ["a"],
      data: { host: "h" },
      cause,
    } as const;
    const error = new LullError(init);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "LullError", ...init });
  });

  test("has no hint, causes, facts or cause unless given", () => {
    const error = new LullError({ kind: "failed", code: "X", message: "m" });
    expect([error.hint, error.causes, error.data]).toEqual([undefined, [], {}]);
    expect("cause" in error).toBe(false);
  });

  test("takes further facts without changing, and keeps the facts it had", () => {
    const error = new LullError({
      kind: "failed",
      code: "X",
      message: "m",
      hint: "h",
      causes: ["c"],
      data: { a: 1 },
      cause: "why",
    });
    const more = error.with({ a: 2, source: "notes" });
    expect(more.data).toEqual({ a: 1, source: "notes" });
    expect(error.data).toEqual({ a: 1 });
    expect([more.kind, more.code, more.message, more.hint, more.causes, more.cause]).toEqual([
      "failed",
      "X",
      "m",
      "h",
      ["c"],
      "why",
    ]);
  });
});

describe("a system error", () => {
  test.each(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE"])(
    "%s says what to do about the disk",
    (code) => {
      const error = fromSystem(system(code), "write /a/b");
      expect(error).toMatchObject({
        kind: "failed",
        code,
        message: expect.stringMatching(/^cannot write \/a\/b: [a-z]/),
        hint: expect.any(String),
      });
    },
  );

  test.each(["EACCES", "EPERM"])("%s points to owner and mode", (code) => {
    const cause = system(code);
    const error = fromSystem(cause, "open /a");
    expect(error).toMatchObject({
      code,
      message: "cannot open /a: permission denied",
      hint: expect.stringContaining("ls -ld"),
    });
    expect(error.cause).toBe(cause);
  });

  test("with another code keeps it and the system's own words", () => {
    expect(fromSystem(system("ENOENT"), "open /a")).toMatchObject({
      code: "ENOENT",
      message: "cannot open /a: ENOENT: no",
    });
  });

  test("that is none is called unexpected", () => {
    expect(fromSystem("boom", "think")).toMatchObject({
      kind: "failed",
      code: "UNEXPECTED",
      message: "cannot think: boom",
    });
  });

  test("that was translated before passes unchanged", () => {
    const error = new LullError({ kind: "locked", code: "LOCKED", message: "busy" });
    expect(fromSystem(error, "write")).toBe(error);
  });

  test.each([
    [system("ENOENT"), "ENOENT"],
    [{ code: 5 }, undefined],
    [null, undefined],
    ["ENOENT", undefined],
    [{}, undefined],
  ])("code of %p is %p", (thrown, code) => {
    expect(systemCode(thrown)).toBe(code);
  });
});

test("the text of anything thrown can be had", () => {
  expect([messageOf(new Error("a")), messageOf("b"), messageOf(7), messageOf(undefined)]).toEqual([
    "a",
    "b",
    "7",
    "undefined",
  ]);
});
