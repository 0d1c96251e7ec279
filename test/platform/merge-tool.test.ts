import { expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { type MergeToolInput, runMergeTool } from "../../src/platform/merge-tool.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const text = (value: string): Uint8Array => Buffer.from(value);

function input(changes: Partial<MergeToolInput>): MergeToolInput {
  return {
    name: "mine",
    settings: { command: undefined, path: undefined, trustsExitCode: false },
    fileName: "plan.md",
    base: text("base\n"),
    local: text("local\n"),
    remote: text("remote\n"),
    merged: text("merged\n"),
    environment: { PATH: process.env["PATH"] },
    deadlineMs: 20_000,
    signal: new AbortController().signal,
    ...changes,
  };
}

function command(line: string, trustsExitCode = false): Partial<MergeToolInput> {
  return { settings: { command: line, path: undefined, trustsExitCode } };
}

async function merged(changes: Partial<MergeToolInput>): Promise<string | undefined> {
  const bytes = await runMergeTool(input(changes));
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

test("a command of the person's gets the four files by git's own names", async () => {
  expect(await merged(command('cat "$BASE" "$LOCAL" "$REMOTE" > "$MERGED"'))).toBe("base\nlocal\nremote\n");
  expect(await merged(command('echo "${MERGED##*.}" > "$MERGED"'))).toBe("md\n");
});

test("the files are the person's alone, and gone afterwards", async () => {
  const note = join(temporaryDirectory(), "note");
  await merged(command(`stat -c %a "$(dirname "$MERGED")" > ${note}; dirname "$MERGED" >> ${note}`));
  const [mode, folder = ""] = readFileSync(note, "utf8").split("\n");
  expect(mode).toBe("700");
  expect(existsSync(folder)).toBe(false);
});

test("a failure, or a file left as it was, is no result; unless its success is to be trusted", async () => {
  expect(await merged(command('echo half > "$MERGED"; exit 1'))).toBeUndefined();
  expect(await merged(command("true"))).toBeUndefined();
  expect(await merged(command("true", true))).toBe("merged\n");
  expect(await merged(command("false", true))).toBeUndefined();
});

test.each([
  ["meld", ["--output", "merged", "local", "base", "remote"]],
  ["kdiff3", ["-o", "merged", "base", "local", "remote"]],
  ["vimdiff", ["-f", "-d", "-c", "4wincmd w | wincmd J", "local", "base", "remote", "merged"]],
  ["code", ["--wait", "--merge", "remote", "local", "base", "merged"]],
  ["opendiff", ["local", "remote", "-ancestor", "base", "-merge", "merged"]],
])("%s is called as git calls it", async (name, expected) => {
  const path = join(temporaryDirectory(), "tool");
  writeFileSync(path, '#!/bin/sh\nfor word; do echo "$word"; done > "$MERGED"\n');
  chmodSync(path, 0o755);
  const words = await merged({ name, settings: { command: undefined, path, trustsExitCode: false } });
  expect(
    words
      ?.trim()
      .split("\n")
      .map((word) => word.replace(/^.*\/(\w+)\.md$/, "$1")),
  ).toEqual(expected);
});

test("an unknown tool, and one that is not installed, say what to do", async () => {
  for (const name of ["nosuch", "constructor"])
    expect(await runMergeTool(input({ name })).catch((error: unknown) => error)).toMatchObject({
      kind: "usage",
      code: "NO_MERGE_TOOL",
    });
  const absent = { command: undefined, path: "/nonexistent/meld", trustsExitCode: false };
  expect(
    await runMergeTool(input({ name: "meld", settings: absent })).catch((error: unknown) => error),
  ).toMatchObject({ code: "NO_MERGE_TOOL" });
});

test("it ends with Ctrl-C, and where nobody is there after a while", async () => {
  const late = await runMergeTool(input({ ...command("exec sleep 60"), deadlineMs: 50 })).catch(
    (error: unknown) => error,
  );
  expect(late).toMatchObject({ code: "MERGE_TOOL_TIMEOUT" });
  const controller = new AbortController();
  const running = runMergeTool(input({ ...command("exec sleep 60"), signal: controller.signal }));
  controller.abort();
  expect(await running.catch((error: unknown) => error)).toMatchObject({ kind: "interrupted" });
});
