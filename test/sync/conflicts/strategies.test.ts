import { describe, expect, test } from "bun:test";

import { MODE, type FileVersion } from "../../../src/git/model.ts";
import { repoPath } from "../../../src/git/paths.ts";
import type { MergeConflict } from "../../../src/git/merge/merge-result.ts";
import { conflictCopyPath } from "../../../src/sync/conflicts/copy-path.ts";
import { keepBoth, resolverFor } from "../../../src/sync/conflicts/strategies.ts";
import { strategyFor } from "../../../src/sync/conflicts/strategy-for.ts";
import type { ConflictStrategy } from "../../../src/config/config.ts";

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
  expect(keepBoth(conflict({}), { names })).toEqual({
    keep: "theirs",
    copyOtherTo: "plan.conflict-work-laptop-20260301-140512.md",
  });
});

test("a side that removed the file yields to the side that changed it", () => {
  expect(keepBoth(conflict({ theirs: undefined }), { names })).toEqual({ keep: "ours" });
  expect(keepBoth(conflict({ ours: undefined }), { names })).toEqual({ keep: "theirs" });
});

test("equal versions need no copy", () => {
  expect(keepBoth(conflict({ ours: version("c") }), { names })).toEqual({ keep: "theirs" });
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

type Times = { readonly ours?: number; readonly theirs?: number };

function decide(strategy: ConflictStrategy, sides: Partial<MergeConflict>, times: Times = {}) {
  const resolve = resolverFor({
    rules: [{ glob: "**", strategy }],
    names,
    lastChange: (side) => times[side],
  });
  return resolve(conflict(sides));
}

const copy = "plan.conflict-work-laptop-20260301-140512.md";
const folder: FileVersion = { mode: MODE.directory, oid: "d".repeat(40) };
const link: FileVersion = { mode: MODE.symlink, oid: "e".repeat(40) };

/** Every shape that a conflict can have. */
const SHAPES: Readonly<Record<string, Partial<MergeConflict>>> = {
  content: {},
  "add-add": { reason: "add-add", base: undefined },
  "changed here, removed there": { reason: "modify-delete", theirs: undefined },
  "removed here, changed there": { reason: "modify-delete", ours: undefined },
  "file and link": { reason: "type", theirs: link },
  "file here, folder there": { reason: "type", theirs: folder },
  "folder here, file there": { reason: "type", ours: folder },
  rename: { reason: "rename", renamed: { from: "a", ours: "plan.md", theirs: "b" } },
};

describe.each(["ours", "manual"] as const)("%s", (strategy) => {
  test.each(Object.entries(SHAPES))("%s: what is here stays", (shape, sides) => {
    const aside = shape === "file here, folder there" ? { copyOtherTo: copy } : {};
    expect(decide(strategy, sides)).toEqual({
      by: strategy,
      otherwiseBy: "keep-both",
      keep: "ours",
      ...aside,
    });
  });
});

test.each(Object.entries(SHAPES))("theirs, %s: what the remote has is taken", (shape, sides) => {
  const aside = shape === "folder here, file there" ? { copyOtherTo: copy } : {};
  expect(decide("theirs", sides)).toMatchObject({ by: "theirs", keep: "theirs", ...aside });
});

test.each(Object.entries(SHAPES))("newest, %s: the younger change wins, a removal too", (_shape, sides) => {
  expect(decide("newest", sides, { ours: 5, theirs: 4 })).toMatchObject({ by: "newest", keep: "ours" });
  expect(decide("newest", sides, { ours: 4, theirs: 5 })).toMatchObject({ by: "newest", keep: "theirs" });
});

test.each(Object.entries(SHAPES))("newest, %s: without a younger one both stay", (_shape, sides) => {
  const both = { ...decide("keep-both", sides), by: "keep-both" };
  expect(decide("newest", sides, { ours: 5, theirs: 5 })).toEqual(both);
  expect(decide("newest", sides, { ours: 5 })).toEqual(both);
  expect(decide("newest", sides, { theirs: 5 })).toEqual(both);
});

test.each(Object.entries(SHAPES))("union, %s: where there are no lines, keep-both", (_shape, sides) => {
  expect(decide("union", sides)).toEqual({
    ...decide("keep-both", sides),
    by: "union",
    otherwiseBy: "keep-both",
    union: true,
  });
});

test("newest asks each side where it has the file", () => {
  const asked: string[] = [];
  const resolve = resolverFor({
    rules: [{ glob: "**", strategy: "newest" }],
    names,
    lastChange: (side, path) => (asked.push(`${side} ${path}`), undefined),
  });
  resolve(conflict({ sides: { ours: "plan.md", theirs: "old.md" } }));
  resolve(conflict(SHAPES["rename"] ?? {}));
  expect(asked).toEqual(["ours plan.md", "theirs old.md", "ours plan.md", "theirs b"]);
});

test("the first rule that matches decides; a glob without a slash is about names", () => {
  const rules = [
    { glob: "*.log", strategy: "theirs" },
    { glob: "docs/**", strategy: "union" },
    { glob: "/top.md", strategy: "ours" },
    { glob: "**", strategy: "manual" },
  ] as const;
  expect(strategyFor(rules, "a/b/x.log")).toBe("theirs");
  expect(strategyFor(rules, "docs/.hidden/x.log")).toBe("theirs");
  expect(strategyFor(rules, "docs/.hidden/x.md")).toBe("union");
  expect(strategyFor(rules, "top.md")).toBe("ours");
  expect(strategyFor(rules, "sub/top.md")).toBe("manual");
  expect(strategyFor([{ glob: "é*", strategy: "ours" }], repoPath("a/école"))).toBe("ours");
  expect(strategyFor([], "a")).toBe("keep-both");
});
