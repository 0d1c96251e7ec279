import { expect, test } from "bun:test";

import { runBriefly } from "../../src/platform/run-briefly.ts";
import { processesWith } from "../helpers/processes.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const OPTIONS = {
  deadlineMs: 20_000,
  input: new Uint8Array(),
  env: { PATH: process.env["PATH"] },
  apart: true,
};

test("output, exit code and input arrive, and nothing of this process' environment", () => {
  const input = Buffer.from("in\n");
  expect(runBriefly(["sh", "-c", "cat; echo $HOME. >&2; exit 3"], { ...OPTIONS, input })).toEqual({
    kind: "ended",
    code: 3,
    stdout: "in\n",
    stderr: ".\n",
  });
});

test("what is not there is missing, and what a signal ends is told", () => {
  expect(runBriefly(["lull-has-no-such-program"], OPTIONS)).toEqual({ kind: "missing" });
  expect(runBriefly(["sh", "-c", "kill -SEGV $$"], OPTIONS)).toEqual({ kind: "killed", signal: "SIGSEGV" });
});

test("a program that hangs is killed at its deadline, with its children", async () => {
  const mark = temporaryDirectory();
  const env = { ...OPTIONS.env, LULL_TEST_MARK: mark };
  const hanging = runBriefly(["sh", "-c", "sleep 600 & sleep 600"], { ...OPTIONS, env, deadlineMs: 100 });
  expect(hanging).toEqual({ kind: "timeout" });
  // What is killed may take a moment to go.
  while (processesWith("LULL_TEST_MARK", mark).length > 0) await Bun.sleep(5);
});

test("an output without end is not waited for", () => {
  expect(runBriefly(["cat", "/dev/zero"], OPTIONS)).toEqual({ kind: "timeout" });
});

test("a program that stands apart has no terminal to ask on", () => {
  const { stdout } = runBriefly(["sh", "-c", "ps -o sid= -p $$; echo $$"], OPTIONS) as { stdout: string };
  const [session, own] = stdout.trim().split(/\s+/);
  expect(session).toBe(own ?? "");
});
