import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";

import {
  isBranchName,
  isRefName,
  isRootRef,
  refNameFromBytes,
  refNameToBytes,
} from "../../../src/git/refs/ref-name.ts";

const PIECES = [
  "a",
  ".",
  "..",
  "/",
  "lock",
  ".lock",
  "@",
  "{",
  "@{",
  "~",
  "^",
  ":",
  "?",
  "*",
  "[",
  "\\",
  " ",
  "\t",
  "é",
  "-",
  "HEAD",
  "\u007f",
  "\u0001",
];

/** What system git says: one process for each name, so the names are chosen. */
function gitAccepts(name: string): boolean {
  return spawnSync("git", ["check-ref-format", name]).status === 0;
}

describe("a ref name", () => {
  test("is accepted exactly when git check-ref-format accepts it", () => {
    const names = new Set([
      "refs/heads/main",
      "@",
      "a/@",
      "HEAD",
      "refs/heads/a.lock/b",
      "a/b.",
      "a./b",
      "a/-b",
      "a//b",
      "/a/b",
      "a/b/",
    ]);
    for (const first of PIECES) {
      names.add(`refs/heads/${first}`);
      names.add(`refs/${first}/x`);
      names.add(`a/x${first}y`);
      names.add(`a/x${first}`);
      names.add(`a/${first}x`);
      names.add(`a${first}b`);
    }
    let refused = 0;
    for (const name of names) {
      expect([name, isRefName(name)]).toEqual([name, gitAccepts(name)]);
      if (!isRefName(name)) refused++;
    }
    expect(refused).toBeGreaterThan(40);
    expect(names.size - refused).toBeGreaterThan(20);
  });

  test("with a NUL, which no program can ask git about, is refused", () => {
    expect(isRefName("refs/heads/a\0b")).toBe(false);
  });

  test("of a branch follows git's own rule for branches", () => {
    for (const name of ["main", "a/b", "HEAD", "-x", "a..b", "@x", "x.lock", "über"]) {
      const git = spawnSync("git", ["check-ref-format", "--branch", name]).status === 0;
      expect([name, isBranchName(name)]).toEqual([name, git]);
    }
  });

  test("at the top is upper case only", () => {
    expect(["HEAD", "ORIG_HEAD", "head", "config", "../x", ""].filter(isRootRef)).toEqual([
      "HEAD",
      "ORIG_HEAD",
    ]);
  });

  test("survives the way from bytes to text and back, whatever the bytes", () => {
    const samples = [
      "refs/heads/main",
      "refs/heads/\xc3\xa9",
      "refs/heads/\xe9",
      "refs/heads/\xff\xfe/\xc3\xa9",
      "a/\xed\xa0\x80",
    ];
    for (const bytes of samples) expect(refNameToBytes(refNameFromBytes(bytes))).toBe(bytes);
    expect(refNameFromBytes("refs/heads/\xc3\xa9")).toBe("refs/heads/é");
    expect(new Set(samples.map(refNameFromBytes)).size).toBe(samples.length);
  });
});
