import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";

import { askpassProgram } from "../../src/platform/askpass-program.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const anybody = (): void => {};

test("is a private script that starts lull with the question, and is made anew when it is another", () => {
  const directory = `${temporaryDirectory()}/state`;
  const program = askpassProgram(directory, anybody);
  expect(statSync(program).mode & 0o777).toBe(0o700);
  const script = readFileSync(program, "utf8");
  writeFileSync(program, "#!/bin/sh\necho of another version\n");
  chmodSync(program, 0o755);
  expect(askpassProgram(directory, anybody)).toBe(program);
  expect(readFileSync(program, "utf8")).toBe(script);
  expect(statSync(program).mode & 0o777).toBe(0o700);
  // What it starts is this program: a question that is none of its own has no answer.
  const env = { HOME: directory, LULL_ASKPASS: "[]" };
  const { status, stdout, stderr } = spawnSync(program, ["Are you sure? $(id) 'x'"], {
    env,
    encoding: "utf8",
  });
  expect({ status, stdout, stderr }).toEqual({ status: 1, stdout: "", stderr: "" });
});

test("is not touched where others could write", () => {
  const refuse = (): never => {
    throw new Error("others could have written it");
  };
  expect(() => askpassProgram(temporaryDirectory(), refuse)).toThrow("others could");
});
