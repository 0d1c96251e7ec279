import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import "../helpers/on-disk.ts";
import { openFileSystemSync, tellsFailures } from "../../src/platform/file-system-sync.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { cannotRun } from "../helpers/skip.ts";

describe("syncfs", () => {
  test("tells of failed writes since Linux 5.8", () => {
    expect(["5.8.0", "5.15.0-101-generic", "6.18.44-fc", "10.0"].map(tellsFailures)).toEqual([
      true,
      true,
      true,
      true,
    ]);
    expect(["5.7.19", "4.18.0-553.el8", "", "x"].map(tellsFailures)).toEqual([false, false, false, false]);
  });

  test("is not used on a file system that is not known to keep its promise, nor where nothing is", () => {
    expect(openFileSystemSync("/proc")).toBeUndefined();
    expect(openFileSystemSync(join(temporaryDirectory(), "missing"))).toBeUndefined();
  });

  test.skipIf(cannotRun(process.platform !== "linux", "syncfs is a call of Linux"))(
    "brings a folder's file system to the disk",
    () => {
      const opened = openFileSystemSync(temporaryDirectory());
      expect(opened?.run() ?? true).toBe(true);
      opened?.close();
    },
  );
});
