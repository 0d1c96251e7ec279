import { expect, test } from "bun:test";

import { type Commit, MODE } from "../../../src/git/model.ts";
import { repoPath } from "../../../src/git/paths.ts";
import type { ResolvedConflict } from "../../../src/git/merge/merge-result.ts";
import { needsPerson, readRecords, recordLines } from "../../../src/sync/conflicts/conflict-record.ts";
import {
  contraryOf,
  readResolutions,
  type Resolution,
  resolutionLine,
} from "../../../src/sync/conflicts/resolution-record.ts";

const merge = "f".repeat(40);
const who = { name: "Ada", email: "a@b", seconds: 1_800_000_000, offsetMinutes: 0 };

function commitOf(lines: readonly string[], parents = 2): Commit {
  return {
    tree: "0".repeat(40),
    parents: Array.from({ length: parents }, (_, index) => String(index).repeat(40)),
    author: who,
    committer: who,
    message: ["Merge", "", ...lines, ""].join("\n"),
  };
}

function conflict(path: string): ResolvedConflict {
  return {
    path,
    reason: "content",
    base: undefined,
    ours: { mode: MODE.executable, oid: "a".repeat(40) },
    theirs: { mode: MODE.symlink, oid: "b".repeat(40) },
    kept: "both",
    copy: `${path}.copy`,
    by: "keep-both",
  };
}

test.each(["plan.md", "a b/c=d%20.md", "line\nLull-Conflict: path=x", "\u00ff\u0001", repoPath("été/🙂")])(
  "what a merge says of %j is read as it was written",
  (path) => {
    const records = readRecords(merge, commitOf(recordLines([conflict(path)], "böse kiste")));
    expect(records).toEqual([
      {
        commit: merge,
        oursCommit: "0".repeat(40),
        theirsCommit: "1".repeat(40),
        path,
        reason: "content",
        strategy: "keep-both",
        kept: "both",
        copy: `${path}.copy`,
        base: undefined,
        ours: { mode: MODE.executable, oid: "a".repeat(40) },
        theirs: { mode: MODE.symlink, oid: "b".repeat(40) },
        device: "böse kiste",
        author: "Ada",
        at: 1_800_000_000_000,
      },
    ]);
    for (const isTakenBack of [false, true]) {
      const resolved = { commit: merge, path, keep: "a/b c", isTakenBack };
      expect(readResolutions(commitOf([resolutionLine(resolved)], 1))).toEqual([resolved]);
    }
  },
);

test.each([
  "path=../x reason=content strategy=ours kept=ours",
  "path=a//b reason=content strategy=ours kept=ours",
  "path= reason=content strategy=ours kept=ours",
  "path=a%00 reason=content strategy=ours kept=ours",
  "path=a reason=whim strategy=ours kept=ours",
  "path=a reason=content strategy=OURS! kept=ours",
  "path=a reason=content strategy=ours kept=all",
  "path",
  "",
])("a line that no lull writes is left out: %j", (line) => {
  expect(readRecords(merge, commitOf([`Lull-Conflict: ${line}`]))).toEqual([]);
});

test("only a merge of two has conflicts, and a version that is none is unknown", () => {
  const line = "Lull-Conflict: path=a reason=content strategy=ours kept=ours ours=123456:x theirs=100644:zz";
  expect(readRecords(merge, commitOf([line], 1))).toEqual([]);
  expect(readRecords(merge, commitOf([line]))).toMatchObject([{ ours: undefined, theirs: undefined }]);
});

test("two versions side by side and what nobody decided need a person", () => {
  expect(needsPerson({ kept: "both", strategy: "keep-both" })).toBe(true);
  expect(needsPerson({ kept: "ours", strategy: "manual" })).toBe(true);
  expect(needsPerson({ kept: "ours", strategy: "newest" })).toBe(false);
  expect(needsPerson({ kept: "union", strategy: "union" })).toBe(false);
});

test("what is taken back is told as it was before: each conflict by its oldest word", () => {
  const word = (path: string, isTakenBack: boolean): Resolution => ({
    commit: merge,
    path,
    keep: "local",
    isTakenBack,
  });
  const newestFirst = [
    [word("a", false)],
    [word("a", true), word("b", true)],
    [word("a", false), word("c", false)],
  ].map((words, at) => ({ ...commitOf(words.map(resolutionLine), 1), oid: String(at).repeat(40) }));
  expect(contraryOf(newestFirst)).toEqual([word("a", true), word("b", false), word("c", true)]);
  // The conflict itself came with them: before them there was none.
  expect(contraryOf([...newestFirst, { ...commitOf([]), oid: merge }])).toEqual([]);
});

test("a merge that meets thousands of conflicts records each of them, up to a message of a few MB", () => {
  const many = Array.from({ length: 20_001 }, (_, number) => conflict(`folder/${number}.md`));
  const some = recordLines(many.slice(0, 1500), "laptop");
  expect(readRecords(merge, commitOf(some)).at(-1)?.path).toBe("folder/1499.md");
  const lines = recordLines(many, "laptop");
  expect(lines).toHaveLength(1 + 20_000);
  expect(lines.join("\n").length).toBeLessThan(7 * 1024 * 1024);
});
