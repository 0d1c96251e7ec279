import { describe, expect, test } from "bun:test";
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { listFolder } from "../../src/platform/folder-name-list.ts";
import { currentSystem } from "../../src/platform/system.ts";
import { cannotRun } from "../helpers/skip.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

function folderOf(names: readonly string[]): string {
  const folder = temporaryDirectory();
  for (const name of names) writeFileSync(Buffer.from(`${folder}/${name}`, "latin1"), "");
  return folder;
}

function using<T>(folder: string, work: (handle: number) => T): T {
  const handle = openSync(folder, "r");
  try {
    return work(handle);
  } finally {
    closeSync(handle);
  }
}

describe.skipIf(cannotRun(currentSystem() !== "linux", "getdents64 is a call of Linux"))("getdents64", () => {
  test("names what Node names, as bytes", () => {
    const folder = folderOf(["a", ".a", "..a", "...", "x".repeat(255), "\xff\n", "\xc3\xa9"]);
    mkdirSync(join(folder, "sub"));
    using(folder, (handle) => {
      const list = listFolder(handle);
      expect(list?.names().sort()).toEqual(readdirSync(folder, { encoding: "latin1" }).sort());
      expect(list?.count).toBe(8);
      expect(list?.folders()).toEqual(["sub"]);
      for (const name of ["a", ".a", "..a", "...", "sub"]) expect(list?.has(name)).toBe(true);
      for (const name of [".", "..", "..b", "", "b", "su", "subs"])
        expect([name, list?.has(name)]).toEqual([name, false]);
    });
  });

  test("a folder without names, and one with more than fit at once", () => {
    using(folderOf([]), (handle) => {
      expect([listFolder(handle)?.count, listFolder(handle)?.has(".x")]).toEqual([0, false]);
    });
    const many = Array.from({ length: 1500 }, (_, number) => `${"n".repeat(40)}-${number}`);
    using(folderOf(many), (handle) => {
      const list = listFolder(handle);
      expect(list?.count).toBe(1500);
      expect(list?.names().sort()).toEqual([...many].sort());
    });
  });

  test("the same folder again tells of what came and went", () => {
    const folder = folderOf(["a", "b"]);
    using(folder, (handle) => {
      expect(listFolder(handle)?.count).toBe(2);
      rmSync(join(folder, "a"));
      writeFileSync(join(folder, ".c"), "");
      expect(listFolder(handle)?.names().sort()).toEqual([".c", "b"]);
    });
  });

  test("what is no folder has no list", () => {
    const folder = folderOf(["a"]);
    using(join(folder, "a"), (handle) => expect(listFolder(handle)).toBeUndefined());
    expect(listFolder(-1)).toBeUndefined();
  });
});
