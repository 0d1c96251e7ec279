import { expect, test } from "bun:test";

import { planResolution, type Keep } from "../../../src/app/conflicts/plan-resolution.ts";
import { MODE, type FileVersion } from "../../../src/git/model.ts";
import type { ConflictRecord } from "../../../src/sync/conflicts/conflict-record.ts";
import { thrown } from "../../helpers/thrown.ts";

const ours: FileVersion = { mode: MODE.executable, oid: "a".repeat(40) };
const theirs: FileVersion = { mode: MODE.file, oid: "b".repeat(40) };
const folder: FileVersion = { mode: MODE.directory, oid: "d".repeat(40) };
const COPY = "p.conflict-x-20260301-140512.md";

function record(changes: Partial<ConflictRecord>): ConflictRecord {
  return {
    commit: "c".repeat(40),
    oursCommit: "1".repeat(40),
    theirsCommit: "2".repeat(40),
    path: "p.md",
    reason: "content",
    strategy: "keep-both",
    kept: "both",
    copy: COPY,
    base: undefined,
    ours,
    theirs,
    device: "x",
    author: "Ada",
    at: 0,
    ...changes,
  };
}

const side = (keep: Keep, of: Partial<ConflictRecord>, tree: Readonly<Record<string, FileVersion>>) =>
  Object.fromEntries(
    planResolution({
      record: record(of),
      keep,
      versionAt: (path) => tree[path],
      stamp: "20260302-080000",
    }),
  );

/** As the files are now: both may have been edited since. */
const edited: FileVersion = { mode: MODE.file, oid: "e".repeat(40) };
const both = { "p.md": theirs, [COPY]: edited };

test("two files: one of them gets the name, with what was edited since, and the copy goes", () => {
  expect(side("local", {}, both)).toEqual({ "p.md": edited, [COPY]: undefined });
  expect(side("remote", {}, both)).toEqual({ [COPY]: undefined });
  expect(side("both", {}, both)).toEqual({});
  const bytes = Buffer.from("merged");
  expect(side({ bytes }, {}, { "p.md": ours, [COPY]: edited })).toEqual({
    "p.md": { bytes, mode: MODE.executable },
    [COPY]: undefined,
  });
});

test("a version that was deleted by hand comes from the history", () => {
  expect(side("local", {}, { "p.md": theirs })).toEqual({ "p.md": ours, [COPY]: undefined });
  expect(side("remote", {}, { [COPY]: edited })).toEqual({ "p.md": theirs, [COPY]: undefined });
});

test("two names: one of them goes", () => {
  const renamed = { reason: "rename", copy: "theirs.md" } as const;
  const tree = { "p.md": ours, "theirs.md": theirs };
  expect(side("local", renamed, tree)).toEqual({ "theirs.md": undefined });
  expect(side("remote", renamed, tree)).toEqual({ "p.md": undefined });
});

test("a file against a folder: only a person takes the folder away", () => {
  const type = { reason: "type", theirs: folder } as const;
  const tree = { "p.md": folder, [COPY]: ours };
  expect(side("remote", type, tree)).toEqual({ [COPY]: undefined });
  expect(side("both", type, tree)).toEqual({});
  expect(thrown(() => side("local", type, tree)).code).toBe("FOLDER_IN_THE_WAY");
  const turned = { reason: "type", ours: folder, theirs } as const;
  expect(side("local", turned, tree)).toEqual({ [COPY]: undefined });
  expect(thrown(() => side("remote", turned, tree)).code).toBe("FOLDER_IN_THE_WAY");
});

test("nobody decided: what stands stays, or the other version is fetched from the history", () => {
  const manual = { kept: "ours", copy: undefined, strategy: "manual" } as const;
  const tree = { "p.md": edited };
  expect(side("local", manual, tree)).toEqual({});
  expect(side("remote", manual, tree)).toEqual({ "p.md": theirs });
  expect(side("both", manual, tree)).toEqual({ "p.conflict-other-20260302-080000.md": theirs });
  expect(side("both", manual, {})).toEqual({ "p.md": theirs });
  expect(side("remote", { ...manual, theirs: undefined }, tree)).toEqual({ "p.md": undefined });
  expect(side("both", { ...manual, theirs: undefined }, tree)).toEqual({});
  expect(side({ bytes: Buffer.from("x") }, manual, tree)).toEqual({
    "p.md": { bytes: Buffer.from("x"), mode: MODE.file },
  });
});
