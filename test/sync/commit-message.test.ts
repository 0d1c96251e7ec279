import { expect, test } from "bun:test";

import type { Clock } from "../../src/base/clock.ts";
import type { ChangeKind, WorkTreeChange } from "../../src/git/worktree/changes.ts";
import { repoPath } from "../../src/git/paths.ts";
import { commitMessage, localStamp } from "../../src/sync/commit-message.ts";

const rome: Clock = { now: () => Date.UTC(2026, 6, 1, 22, 30, 5), monotonic: () => 0, utcOffset: () => 120 };

function changes(...entries: readonly (readonly [string, ChangeKind])[]): readonly WorkTreeChange[] {
  return entries.map(([path, kind]) => ({ path: repoPath(path), kind }));
}

function message(template: string, entries: readonly WorkTreeChange[]): string {
  return commitMessage(template, { changes: entries, device: "laptop", clock: rome });
}

test("the summary names what happened to which file", () => {
  expect(message("{summary}", changes(["a.md", "added"]))).toBe("Add a.md");
  expect(message("{summary}", changes(["a.md", "deleted"], ["b.md", "deleted"]))).toBe(
    "Remove a.md and b.md",
  );
  expect(message("{summary}", changes(["a", "modified"], ["b", "added"], ["c", "deleted"]))).toBe(
    "Update a and 2 more",
  );
  expect(message("{summary}", changes(["run.sh", "mode-changed"]))).toBe("Update run.sh");
});

test("date and device are the local ones, also across midnight", () => {
  expect(message("{date} {device}", changes(["a", "added"]))).toBe("2026-07-02 00:30 laptop");
  expect(localStamp(rome)).toBe("20260702-003005");
});

test("counts leave out what did not happen", () => {
  expect(message("{changes}", changes(["a", "added"], ["b", "added"], ["c", "type-changed"]))).toBe(
    "2 added, 1 modified",
  );
  expect(message("{changes}", changes(["c", "deleted"]))).toBe("1 deleted");
});

test("file names can not forge lines or drive a terminal", () => {
  expect(message("{summary}", changes(["a\nSigned-off-by: x\u001b[31m", "added"]))).toBe(
    "Add a\\nSigned-off-by: x\\x1b[31m",
  );
});

test("a long list of files is cut with a count", () => {
  const many = changes(...Array.from({ length: 60 }, (_, index) => [`f${index}`, "added"] as const));
  const lines = message("{files}", many).split("\n");
  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toBe("… and 10 more");
});

test("a template that comes out empty still gives a message", () => {
  expect(message("  ", changes(["a", "added"]))).toBe("Add a");
  expect(message("{unknown}", changes(["a", "added"]))).toBe("{unknown}");
});

test("names beyond ASCII are readable", () => {
  expect(message("{summary}", changes(["Bücher/café.md", "added"]))).toBe("Add Bücher/café.md");
});
