import { expect, test } from "bun:test";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { assertPrivate } from "../../src/platform/private-files.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const userId = process.getuid?.() ?? 0;

function file(mode: number): string {
  const directory = join(temporaryDirectory(), "lull");
  mkdirSync(directory, { mode: 0o700 });
  const path = join(directory, "config.yaml");
  writeFileSync(path, "version: 1\n");
  chmodSync(path, mode);
  return path;
}

function check(path: string, as = userId): void {
  assertPrivate(path, "the config", { system: "linux", userId: as });
}

test("a file that only its owner can write is fine, readable by others or not", () => {
  expect(() => check(file(0o600))).not.toThrow();
  expect(() => check(file(0o644))).not.toThrow();
  expect(() => check(join(temporaryDirectory(), "not", "there"))).not.toThrow();
});

test("a file or folder that others can write is refused with the command that mends it", () => {
  const path = file(0o666);
  expect(() => check(path)).toThrow(/can be written by other users/);
  try {
    check(path);
  } catch (error) {
    expect(error).toMatchObject({
      kind: "config",
      code: "UNSAFE_PERMISSIONS",
      hint: expect.stringContaining(`chmod go-w ${path}`),
    });
  }
  const open = file(0o600);
  chmodSync(join(open, ".."), 0o777);
  expect(() => check(open)).toThrow(/the folder of the config/);
  chmodSync(join(open, ".."), 0o1777);
  expect(() => check(open)).not.toThrow();
});

test("a file of another user is refused, also when lull runs as root", () => {
  const path = file(0o600);
  // Seen from a user that owns nothing here (files of root itself are obeyed: root can do everything anyway).
  if (userId === 0) chownSync(path, 4242, 4242);
  expect(() => check(path, userId === 0 ? 0 : userId + 1)).toThrow(/belongs to user/);
});

test("a linked config is followed: link, target and both folders count", () => {
  const target = file(0o600);
  const home = temporaryDirectory();
  const link = join(home, "config.yaml");
  symlinkSync(target, link);
  expect(() => check(link)).not.toThrow();
  chmodSync(target, 0o622);
  expect(() => check(link)).toThrow(/can be written by other users/);
});

test("a dangling link counts as missing; Windows is not asked", () => {
  const link = join(temporaryDirectory(), "config.yaml");
  symlinkSync("/nowhere/at/all", link);
  expect(() => check(link)).not.toThrow();
  expect(() =>
    assertPrivate(file(0o666), "the config", { system: "windows", userId: undefined }),
  ).not.toThrow();
});

test("the command in the hint survives odd names", () => {
  const directory = join(temporaryDirectory(), "it's mine");
  mkdirSync(directory);
  const path = join(directory, "config.yaml");
  writeFileSync(path, "");
  chmodSync(path, 0o666);
  expect(() => check(path)).toThrow();
  try {
    check(path);
  } catch (error) {
    expect(error).toMatchObject({ hint: expect.stringContaining(String.raw`it'\''s mine/config.yaml'`) });
  }
});
