import { expect, test } from "bun:test";

import { runProgram } from "../../src/platform/run-program.ts";
import { failureOf } from "../helpers/thrown.ts";

const SOON = { deadlineMs: 10_000 };

test("a program's output, exit code and input arrive", async () => {
  const result = await runProgram(["sh", "-c", "cat; echo oops >&2; exit 3"], { ...SOON, input: "in\n" });
  expect(result).toEqual({ kind: "ended", code: 3, stdout: "in\n", stderr: "oops\n" });
});

test("a program that does not exist is missing, not an error", async () => {
  expect(await runProgram(["lull-has-no-such-program"], SOON)).toEqual({ kind: "missing" });
});

test("a program that hangs is killed at its deadline, with the children that hold its output", async () => {
  expect(await runProgram(["sh", "-c", "sleep 600 & sleep 600"], { deadlineMs: 100 })).toEqual({
    kind: "timeout",
  });
});

test("an interruption ends the program", async () => {
  const controller = new AbortController();
  const running = runProgram(["sleep", "600"], { ...SOON, signal: controller.signal });
  controller.abort();
  expect((await failureOf(running)).code).toBe("INTERRUPTED");
});

test("of an output without end only the beginning is kept", async () => {
  const result = await runProgram(["sh", "-c", "head -c 3000000 /dev/zero"], SOON);
  expect(result.kind === "ended" && result.stdout.length).toBe(1024 * 1024);
});
