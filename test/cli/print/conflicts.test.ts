import { expect, test } from "bun:test";

import type { ConflictView } from "../../../src/app/conflicts/list-conflicts.ts";
import { conflictLines, resolvedLines } from "../../../src/cli/print/conflicts.ts";
import type { Look } from "../../../src/cli/print/look.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const look: Look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock: fakeClock(NOW),
  width: undefined,
  home: "/home/ada",
};

const view: ConflictView = {
  source: "notes",
  path: "plan.md",
  reason: "content",
  strategy: "keep-both",
  kept: "both",
  copy: "plan.conflict-laptop-1.md",
  device: "laptop",
  author: "Ada",
  metAt: NOW - 7_200_000,
  commit: "c".repeat(40),
  local: { where: "copy", commit: "1".repeat(40), oid: "a".repeat(40) },
  remote: { where: "path", commit: "2".repeat(40), oid: "b".repeat(40) },
  resolvedAt: undefined,
  resolution: undefined,
};

test("an open conflict: what it is, where each version is, what to do", () => {
  expect(conflictLines([view], look)).toEqual([
    "! plan.md in notes: content, met by laptop 2 h ago (keep-both)",
    "    local   is beside it: plan.conflict-laptop-1.md",
    "    remote  has the name: plan.md",
    "1 open conflict. Next: lull resolve PATH --keep local|remote|both, or lull resolve to be asked",
  ]);
  expect(conflictLines([], look)).toEqual(["No open conflicts."]);
});

test("a resolved one: what became of it", () => {
  const resolved: ConflictView = {
    ...view,
    strategy: "theirs",
    local: { ...view.local, where: "history" },
    remote: { ...view.remote, where: "removed" },
    resolvedAt: NOW,
    resolution: "settled by theirs",
  };
  expect(conflictLines([resolved], look)).toEqual([
    "✓ plan.md in notes: content, met by laptop 2 h ago (theirs)",
    "    local   is in the history: commit 1111111111",
    "    remote  had removed it (commit 2222222222)",
    "    resolved just now: settled by theirs",
    "No open conflicts.",
  ]);
});

test("names from outside can not drive the terminal", () => {
  const hostile = "\u001b[2Jx";
  const bad = {
    ...view,
    path: hostile,
    copy: hostile,
    device: hostile,
    strategy: hostile,
    resolution: hostile,
  };
  for (const line of conflictLines([bad, { ...bad, resolvedAt: NOW }], look))
    expect(line).not.toContain("\u001b");
});

test("a resolution: what was done, what is left, what comes next", () => {
  const done = {
    source: "notes",
    path: "plan.md",
    keep: "local",
    changes: [
      { path: "plan.md", change: "written" },
      { path: "plan.conflict-laptop-1.md", change: "removed" },
    ],
    commit: "c".repeat(40),
    saved: 1,
    savepoint: "20260301T120000Z",
    dryRun: false,
    stillOpen: 2,
  } as const;
  expect(resolvedLines(done, look)).toEqual([
    "✓ Resolved plan.md in notes: kept the local version",
    "    committed first: your edits in 1 file",
    "    written  plan.md",
    "    removed  plan.conflict-laptop-1.md",
    "    2 conflicts still open: lull conflicts notes",
    "Next: lull sync notes",
  ]);
  expect(resolvedLines({ ...done, dryRun: true, commit: undefined, saved: 0, stillOpen: 1 }, look)).toEqual([
    "✓ Would resolve plan.md in notes: would keep the local version",
    "    written  plan.md",
    "    removed  plan.conflict-laptop-1.md",
    "Nothing was changed.",
  ]);
});
