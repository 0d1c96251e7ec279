import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { spawnSync } from "node:child_process";

import { unifiedDiff } from "../../../src/git/merge/unified-diff.ts";
import { gitEnvironment, temporaryDirectory } from "../../helpers/system-git.ts";

function diff(before: string | undefined, after: string | undefined): readonly string[] | undefined {
  return unifiedDiff(
    before === undefined ? undefined : Buffer.from(before),
    after === undefined ? undefined : Buffer.from(after),
  );
}

test("a changed line is shown with its neighbours", () => {
  expect(diff("a\nb\nc\nd\ne\n", "a\nb\nC\nd\ne\n")).toEqual([
    "@@ -1,5 +1,5 @@",
    " a",
    " b",
    "-c",
    "+C",
    " d",
    " e",
  ]);
});

test("new and removed files are all plus and all minus", () => {
  expect(diff(undefined, "one\ntwo\n")).toEqual(["@@ -0,0 +1,2 @@", "+one", "+two"]);
  expect(diff("one\n", undefined)).toEqual(["@@ -1 +0,0 @@", "-one"]);
  expect(diff(undefined, "")).toEqual([]);
});

test("a missing line feed at the end is said", () => {
  expect(diff("a\n", "a")).toEqual(["@@ -1 +1 @@", "-a", "+a", "\\ No newline at end of file"]);
});

test("binary and very long contents are not shown", () => {
  expect(diff("a\u0000b", "c")).toBeUndefined();
  expect(diff("x\n".repeat(30_000), "y\n")).toBeUndefined();
});

test("git applies every diff and gets the new content", () => {
  let seed = 42;
  const random = (limit: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    return seed % limit;
  };
  const directory = temporaryDirectory();
  for (let round = 0; round < 40; round++) {
    const before = Array.from({ length: random(40) + 1 }, () => `line ${random(12)}`);
    const after = before.flatMap((line) =>
      random(5) === 0 ? [] : random(5) === 0 ? [line, `new ${random(9)}`] : [line],
    );
    const old = `${before.join("\n")}\n`;
    const now = after.length === 0 ? "" : `${after.join("\n")}\n`;
    const hunks = diff(old, now) ?? [];
    if (hunks.length === 0) {
      expect(now).toBe(old);
      continue;
    }
    writeFileSync(join(directory, "f"), old);
    const patch = `--- a/f\n+++ b/f\n${hunks.join("\n")}\n`;
    const applied = spawnSync("git", ["apply", "--unidiff-zero", "-"], {
      cwd: directory,
      input: patch,
      env: gitEnvironment(),
    });
    expect(applied.stderr.toString()).toBe("");
    expect(spawnSync("cat", ["f"], { cwd: directory }).stdout.toString()).toBe(now);
  }
});
