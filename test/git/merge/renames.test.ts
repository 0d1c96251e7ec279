import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { compareTrees } from "../../../src/git/history/compare-trees.ts";
import type { SideChanges } from "../../../src/git/merge/collect-entries.ts";
import { findRenames } from "../../../src/git/merge/renames.ts";
import type { ObjectReader } from "../../../src/git/model.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { git, gitRaw } from "../../helpers/system-git.ts";
import { seeded } from "../history/random-history.ts";
import { type Files, sharedRepository, treeOf } from "./merge-repository.ts";
import { commitAll, type CommitPlan, randomEdits, randomTree } from "./random-tree.ts";

function renamesOf(
  before: Files,
  after: Files,
  matters: (path: string) => boolean = () => true,
  removedFolders: readonly string[] = [],
): Record<string, string> {
  const plans = [
    { tree: treeOf(before), parents: [] },
    { tree: treeOf(after), parents: [0] },
  ];
  const { directory, commits } = commitAll(plans, sharedRepository());
  const store = openObjectStore(join(directory, ".git"));
  const [old, now] = commits.map((commit) => git(directory, "rev-parse", `${commit}^{tree}`));
  const found = findRenames({
    reader: store,
    changes: {
      ...changesOf(store, [old, now], matters),
      removedFolders: new Map(removedFolders.map((folder) => [folder, "none"])),
    },
  });
  store.close();
  return Object.fromEntries([...found.sources].map(([to, from]) => [from, to]));
}

function changesOf(
  reader: ObjectReader,
  [old, now]: readonly (string | undefined)[],
  matters: (path: string) => boolean,
): SideChanges {
  const differences = compareTrees(reader, old, now);
  const removed = differences.flatMap(({ path, before, after }) =>
    before !== undefined && after === undefined ? [{ ...before, path }] : [],
  );
  const added = differences.flatMap(({ path, before, after }) =>
    before === undefined && after !== undefined ? [{ ...after, path }] : [],
  );
  const relevant = removed.filter(({ path }) => matters(path)).map(({ path }) => [path, "content"] as const);
  return { removed, added, relevant: new Map(relevant), removedFolders: new Map() };
}

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, index) => `line ${from + index} of it\n`).join("");

describe("findRenames", () => {
  test("finds the renames that git finds in 60 random changes", () => {
    const plans: CommitPlan[] = [];
    for (let seed = 1; seed <= 60; seed++) {
      const random = seeded(seed);
      const tree = randomTree(random);
      const first = plans.push({ tree, parents: [] }) - 1;
      plans.push({ tree: randomEdits(randomEdits(tree, random), random), parents: [first] });
    }
    const { directory, commits } = commitAll(plans);
    const store = openObjectStore(join(directory, ".git"));
    let same = 0;
    for (let first = 0; first < commits.length; first += 2) {
      const [old = "", now = ""] = commits
        .slice(first, first + 2)
        .map((commit) => git(directory, "rev-parse", `${commit}^{tree}`));
      const output = gitRaw(directory, [
        "diff-tree",
        "-r",
        "-z",
        "-M",
        "--no-rename-empty",
        "--diff-filter=R",
        "--name-only",
        old,
        now,
      ]);
      const expected = output.toString("latin1").split("\0").filter(Boolean).sort();
      const found = [
        ...findRenames({ reader: store, changes: changesOf(store, [old, now], () => true) }).sources.keys(),
      ].sort();
      if (Bun.deepEquals(found, expected)) same++;
    }
    store.close();
    // Git 2.39 leaves the last line out of the comparison when it has no line break.
    expect(same).toBeGreaterThanOrEqual(58);
  });

  test("pairs equal content first, with the file that kept its name if there is one", () => {
    const file = lines(0, 10);
    expect(renamesOf({ "a/x": file, "b/y": file }, { "c/y": file, "c/z": file })).toEqual({
      "b/y": "c/y",
      "a/x": "c/z",
    });
  });

  test("pairs by a unique name before a better likeness under another name", () => {
    const before = { "a/notes": lines(0, 20) };
    const after = { "b/notes": lines(0, 19), "b/zzz": `${lines(0, 20)}\n` };
    expect(renamesOf(before, after)).toEqual({ "a/notes": "b/notes" });
  });

  test("pairs files that share at least half of the larger one", () => {
    expect(renamesOf({ a: lines(10, 20) }, { b: lines(10, 15) + lines(50, 55) })).toEqual({ a: "b" });
    expect(renamesOf({ a: lines(10, 20) }, { b: lines(10, 14) + lines(50, 56) })).toEqual({});
    expect(renamesOf({ a: lines(10, 20) }, { b: lines(10, 40) })).toEqual({});
  });

  test("sees through converted line breaks, and finds long lines that moved", () => {
    expect(renamesOf({ a: lines(0, 10) }, { b: lines(0, 10).replaceAll("\n", "\r\n") })).toEqual({ a: "b" });
    const long = lines(0, 30).replaceAll("\n", "");
    expect(renamesOf({ a: long }, { b: `${long} and a bit more` })).toEqual({ a: "b" });
  });

  test("gives each file one partner, the most similar pair first", () => {
    const before = { a: lines(0, 20), b: lines(5, 20) };
    expect(renamesOf(before, { c: `${lines(5, 20)}x\n` })).toEqual({ b: "c" });
  });

  test("does not compare content that does not matter", () => {
    expect(renamesOf({ a: lines(0, 10) }, { b: lines(0, 9) }, () => false)).toEqual({});
  });

  test("leaves empty files and files of another type alone, and follows a submodule that moved", () => {
    const submodule = `160000 ${"1".repeat(40)}`;
    expect(renamesOf({ a: "", s: submodule, l: "x" }, { b: "", t: submodule, m: "120000 x" })).toEqual({
      s: "t",
    });
  });

  test("tries a name that is not unique where the folder's other files went", () => {
    const before = { "a/x": "x\n", "a/same": lines(0, 20), "b/same": lines(30, 50), "b/y": "y\n" };
    const after = { "c/x": "x\n", "c/same": lines(0, 16), "d/same": lines(0, 19), "d/y": "y\n" };
    // By content alone "a/same" is most like "d/same".
    expect(renamesOf(before, after)).toMatchObject({ "a/same": "d/same" });
    expect(renamesOf(before, after, () => true, ["a", "b"])).toMatchObject({ "a/same": "c/same" });
  });

  test("looks at equal content and names only when there are too many pairs", () => {
    const many = (prefix: string, from: number): Files =>
      Object.fromEntries(
        Array.from({ length: 7001 }, (_, index) => [`${prefix}${index}`, `${from + index}\n`.repeat(4)]),
      );
    const found = renamesOf(
      { ...many("a", 0), x: lines(0, 20) },
      { ...many("b", 10_000), y: lines(0, 19), "z/x": lines(20, 40) },
    );
    expect(found).toEqual({});
  });
});
