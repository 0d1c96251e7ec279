import { describe, expect, test } from "bun:test";
import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { isTemporaryName, newTemporaryName } from "../../../src/git/worktree/temporary-names.ts";
import { git } from "../../helpers/system-git.ts";
import { changes, committed, put, stageAll, status } from "./work-tree.ts";

describe("a temporary file that a killed checkout left in the work tree", () => {
  test("has a name that no two of a process share and no person would give", () => {
    const names = [newTemporaryName(), newTemporaryName()];
    expect(new Set(names).size).toBe(2);
    expect(names.map(isTemporaryName)).toEqual([true, true]);
    const others = [
      ".lull-tmp-",
      ".lull-tmp-notes",
      ".lull-tmp-1",
      ".lull-tmp-1-2.md",
      "x.lull-tmp-1-2",
      ".lull-tmp-1-2-3-4",
    ];
    expect(others.filter(isTemporaryName)).toEqual([]);
  });

  test("has another name than any of an earlier process that had the same number", () => {
    const module = JSON.stringify(join(import.meta.dir, "../../../src/git/worktree/temporary-names.ts"));
    const names = [1, 2].map(() => {
      const script = `const { newTemporaryName } = await import(${module});
        console.log(newTemporaryName().replace(String(process.pid), "pid"));`;
      return Bun.spawnSync([process.execPath, "-e", script]).stdout.toString().trim();
    });
    expect(names[0]).toMatch(/^\.lull-tmp-pid-\d+-1$/);
    expect(names[1]).not.toBe(names[0]);
  });

  test("is no change, whether file or link, at the top or below", () => {
    const root = committed({ "a/b": "1" });
    put(root, ".lull-tmp-12-1", "x");
    put(root, "a/.lull-tmp-12-2", "x");
    symlinkSync("b", join(root, "a/.lull-tmp-12-3"));
    put(root, newTemporaryName(), "x");
    put(root, "a/.lull-tmp-notes", "x");
    put(root, ".lull-tmp-1-1/file", "x");
    expect(changes(root)).toEqual(["added .lull-tmp-1-1/file", "added a/.lull-tmp-notes"]);
  });

  test("is never committed, even when it is asked for by name", () => {
    const root = committed({ "a/b": "1" });
    put(root, "a/.lull-tmp-12-2", "x");
    mkdirSync(join(root, "empty"));
    const { tree, skipped } = stageAll(root, { paths: ["a/.lull-tmp-12-2"] });
    expect(skipped).toEqual([{ path: "a/.lull-tmp-12-2", reason: "forbidden-name" }]);
    expect(tree).toBe(git(root, "rev-parse", "HEAD^{tree}"));
  });

  test("is a file like any other once somebody has committed it", () => {
    const root = committed({ ".lull-tmp-12-2": "1" });
    expect(changes(root)).toEqual([]);
    put(root, ".lull-tmp-12-2", "other");
    expect(changes(root)).toEqual(["modified .lull-tmp-12-2"]);
    expect(stageAll(root).staged).toEqual([".lull-tmp-12-2"]);
    expect(status(root)).toEqual(["M  .lull-tmp-12-2"]);
  });
});
