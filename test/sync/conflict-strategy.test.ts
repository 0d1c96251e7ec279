import { expect, test } from "bun:test";

import { MODE, type FileVersion } from "../../src/git/model.ts";
import { repoPath } from "../../src/git/paths.ts";
import type { MergeConflict } from "../../src/git/merge/merge-result.ts";
import { conflictCopyPath, keepBoth } from "../../src/sync/conflict-strategy.ts";

const names = { device: "work laptop", stamp: "20260301-140512" };

function version(digit: string): FileVersion {
  return { mode: MODE.file, oid: digit.repeat(40) };
}

function conflict(sides: Partial<MergeConflict>): MergeConflict {
  return {
    path: "plan.md",
    reason: "content",
    base: version("a"),
    ours: version("b"),
    theirs: version("c"),
    ...sides,
  };
}

test("the remote's version keeps the path and this device's stands beside it", () => {
  expect(keepBoth(names)(conflict({}))).toEqual({
    keep: "theirs",
    copyOtherTo: "plan.conflict-work-laptop-20260301-140512.md",
  });
});

test("a side that removed the file yields to the side that changed it", () => {
  expect(keepBoth(names)(conflict({ theirs: undefined }))).toEqual({ keep: "ours" });
  expect(keepBoth(names)(conflict({ ours: undefined }))).toEqual({ keep: "theirs" });
});

test("equal versions need no copy", () => {
  expect(keepBoth(names)(conflict({ ours: version("c") }))).toEqual({ keep: "theirs" });
});

test("copies keep extension, folder and leading dot, and stay within 255 bytes", () => {
  expect(conflictCopyPath("a/.bashrc", names)).toBe("a/.bashrc.conflict-work-laptop-20260301-140512");
  expect(conflictCopyPath("a.b/Makefile", names)).toBe("a.b/Makefile.conflict-work-laptop-20260301-140512");
  expect(conflictCopyPath("x.tar.gz", names)).toBe("x.tar.conflict-work-laptop-20260301-140512.gz");
  expect(conflictCopyPath(`${"n".repeat(251)}.txt`, names)).toHaveLength(255);
});

test("a device name can not lead out of the folder", () => {
  expect(conflictCopyPath("a", { device: "../../x", stamp: "s" })).toBe("a.conflict-..-..-x-s");
  expect(conflictCopyPath(repoPath("é"), { device: "böx", stamp: "s" })).toBe(
    `${repoPath("é")}.conflict-b-x-s`,
  );
});

test("a long name is cut between characters, not inside one", () => {
  const copy = conflictCopyPath(`${repoPath("é".repeat(120))}.md`, names);
  expect(copy.length).toBeLessThanOrEqual(255);
  expect(Buffer.from(copy, "latin1").toString("utf8")).not.toContain("\ufffd");
});
