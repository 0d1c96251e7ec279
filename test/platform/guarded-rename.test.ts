import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { guardedRename } from "../../src/platform/guarded-rename.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const rename = guardedRename();
const here = test.skipIf(cannotRun(rename === undefined, "guarded renames: the system has no such call"));

here("two files change places, whatever they are, also where a name is no UTF-8", () => {
  const folder = temporaryDirectory();
  const odd = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xe9, 0x20])]);
  writeFileSync(join(folder, "a"), "one");
  writeFileSync(odd, "two");
  expect(rename?.exchange(join(folder, "a"), odd)).toBe(true);
  expect([readFileSync(join(folder, "a"), "utf8"), readFileSync(odd, "utf8")]).toEqual(["two", "one"]);
  symlinkSync("target", join(folder, "link"));
  mkdirSync(join(folder, "folder"));
  expect(rename?.exchange(join(folder, "link"), join(folder, "folder"))).toBe(true);
  expect(readlinkSync(join(folder, "folder"))).toBe("target");
});

here("what is there already is not overwritten", () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "a"), "one");
  writeFileSync(join(folder, "b"), "two");
  symlinkSync("nowhere", join(folder, "link"));
  expect(rename?.ifFree(join(folder, "a"), join(folder, "b"))).toBe(false);
  expect(rename?.ifFree(join(folder, "a"), join(folder, "link"))).toBe(false);
  expect(rename?.exchange(join(folder, "a"), join(folder, "missing"))).toBe(false);
  expect(readFileSync(join(folder, "b"), "utf8")).toBe("two");
  expect(rename?.ifFree(join(folder, "a"), join(folder, "free"))).toBe(true);
  expect(readFileSync(join(folder, "free"), "utf8")).toBe("one");
});

here("a name with a NUL in it names no other file", () => {
  const folder = temporaryDirectory();
  writeFileSync(join(folder, "a"), "one");
  expect(() => rename?.ifFree(join(folder, "a"), join(folder, "b\0c"))).toThrow(TypeError);
});
