/**
 * Random merges beside system git, which makes all of them in one process. `LULL_TEST_CASES` says how many,
 * `LULL_TEST_SEED` repeats a run.
 */
import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { compareMerge } from "../../bench/merge/compare.ts";
import { GitMerger } from "../../bench/merge/git-merges.ts";
import type { Merge } from "../../bench/merge/merge-list.ts";
import { mergeHere, type OurMerge } from "../../bench/merge/our-merges.ts";
import { figure, seed } from "../../faults/options.ts";
import { seeded } from "../history/random-history.ts";
import {
  commitAll,
  type CommitPlan,
  type Random,
  type RandomFile,
  type RandomTree,
  randomEdits,
  randomTree,
} from "./random-tree.ts";

const CASES = Number(process.env["LULL_TEST_CASES"] ?? 120);

type Three = readonly [base: RandomTree, ours: RandomTree, theirs: RandomTree];

/** Merges every three trees here and with git; returns a line for each that came out otherwise. */
function differences(cases: readonly Three[]): string[] {
  const plans = cases.flatMap(([base, ours, theirs], index): CommitPlan[] => [
    { tree: base, parents: [] },
    { tree: ours, parents: [index * 3] },
    { tree: theirs, parents: [index * 3] },
  ]);
  const { directory, commits } = commitAll(plans);
  const merges = cases.map((_, index): Merge => {
    const [, ours = "", theirs = ""] = commits.slice(index * 3);
    return { oid: `case ${index}`, ours, theirs };
  });
  const repository = join(directory, ".git");
  using git = new GitMerger(repository);
  const byGit = git.run(merges);
  const store = openObjectStore(repository);
  const written = openObjectStore(git.scratch);
  try {
    const byUs = mergeHere(store, merges);
    return merges.flatMap((merge, index) => {
      const [theirs, ours] = [byGit.merges[index], byUs.merges[index]];
      if (theirs === undefined || ours === undefined) return [`${merge.oid}: not merged`];
      const verdict = compareMerge(merge, theirs, ours, written);
      if (verdict.kind !== "different" || isGitsOtherWay(git, merge, ours)) return [];
      const { difference, reasons, paths } = verdict;
      return [`${merge.oid}: ${difference} (${reasons.join(", ")}) ${paths.join(" ")}`];
    });
  } finally {
    store.close();
    written.close();
  }
}

/**
 * Where one side renames a file to a path at which both then have the same, git keeps the other side's edit of it when
 * the renaming side merges, and drops it when the editing side does. Lull keeps it both ways.
 */
function isGitsOtherWay(git: GitMerger, { oid, ours, theirs }: Merge, our: OurMerge): boolean {
  const [turned] = git.run([{ oid, ours: theirs, theirs: ours }]).merges;
  return (
    turned?.kind === "clean" &&
    our.kind === "merged" &&
    our.result.conflicts.length === 0 &&
    turned.tree === our.result.tree
  );
}

/**
 * Git merges the edit of a renamed file even if the other side has a file at the new name, and leaves nested conflict
 * markers there when that fails; lull then leaves each content under a name of its own.
 */
const KNOWN = /CONFLICT \(rename involved in collision\)/;

describe(`random merges beside git (LULL_TEST_SEED=${seed})`, () => {
  test(`${CASES} of trees with renames, modes, links, files that become folders`, () => {
    const random = seeded(seed);
    const cases = Array.from({ length: CASES }, (): Three => {
      const base = randomTree(random);
      return [base, randomEdits(base, random), randomEdits(base, random)];
    });
    expect(differences(cases).filter((line) => !KNOWN.test(line))).toEqual([]);
    figure("three-way merges", `${CASES} of trees beside git, none came out otherwise`);
  });

  test(`${CASES} of trees whose folders move while the other side adds to them`, () => {
    const random = seeded(seed + 1);
    const cases = Array.from({ length: CASES }, (): Three => {
      const base = foldersTree(random);
      return [base, moveFolders(base, random), moveFolders(base, random)];
    });
    expect(differences(cases).filter((line) => !KNOWN.test(line))).toEqual([]);
    figure("three-way merges", `${CASES} of trees with moved folders beside git, none came out otherwise`);
  });

  test(`${CASES * 10} of text files, all in one pair of trees`, () => {
    const random = seeded(seed + 2);
    const three = [new Map(), new Map(), new Map()] as const satisfies readonly Map<string, RandomFile>[];
    for (let index = 0; index < CASES * 10; index++) {
      const kinds = 2 + random(12);
      const base = Array.from({ length: 4 + random(30) }, () => textLine(random, kinds));
      const sides = [base, editLines(base, random, kinds), editLines(base, random, kinds)];
      for (const [side, lines] of sides.entries())
        three[side]?.set(`d${index % 50}/f${index}`, { mode: "100644", content: lines.join("") });
    }
    expect(differences([three])).toEqual([]);
    figure("three-way merges", `${CASES * 10} of texts beside git, none came out otherwise`);
  });
});

const NAMES = ["one", "two", "three", "four", "five", "six"];
const FOLDERS = ["a", "a/b", "a/b/c", "d", "d/b", "e"];

/** Several files in each of a few folders, most of them long enough to be told apart. */
function foldersTree(random: Random): RandomTree {
  const tree = new Map<string, RandomFile>();
  for (const folder of FOLDERS) {
    for (const name of NAMES.slice(0, 1 + random(NAMES.length)))
      tree.set(`${folder}/${name}`, someFile(random));
  }
  return tree;
}

function someFile(random: Random): RandomFile {
  const content = Array.from({ length: 6 + random(6) }, () => `line ${random(1_000_000)}\n`).join("");
  return { mode: "100644", content };
}

/** Moves one or two folders, in whole or in part, edits some files and adds some to the folders of before. */
function moveFolders(base: RandomTree, random: Random): RandomTree {
  let tree = new Map(base);
  for (let count = random(3); count > 0; count--) {
    const from = pick(FOLDERS, random);
    const to = pick(["x", "y/z", "d", "a", "x/b", "e/b"], random);
    if (to === from || to.startsWith(`${from}/`)) continue;
    const moved = new Map<string, RandomFile>();
    for (const [path, file] of tree) {
      const goes = path.startsWith(`${from}/`) && random(8) > 0;
      const edited = random(4) === 0 ? { ...file, content: `${file.content}edited ${random(1000)}\n` } : file;
      moved.set(goes ? `${to}${path.slice(from.length)}` : path, goes ? edited : file);
    }
    tree = moved;
  }
  for (let count = random(4); count > 0; count--)
    tree.set(`${pick(FOLDERS, random)}/new${random(4)}`, someFile(random));
  const [path] = [...tree.keys()].slice(random(tree.size));
  const file = tree.get(path ?? "");
  if (path !== undefined && file !== undefined)
    tree.set(path, { ...file, content: `first ${random(100)}\n${file.content}` });
  return withoutClashes(tree);
}

/** A file goes where a folder of its name is. */
function withoutClashes(tree: ReadonlyMap<string, RandomFile>): RandomTree {
  const paths = [...tree.keys()];
  return new Map([...tree].filter(([path]) => !paths.some((other) => other.startsWith(`${path}/`))));
}

function pick(choices: readonly string[], random: Random): string {
  return choices[random(choices.length)] ?? "";
}

function textLine(random: Random, kinds: number): string {
  return random(4) === 0 ? "\n" : `${"text ".repeat(random(3))}${random(kinds)}\n`;
}

function editLines(base: readonly string[], random: Random, kinds: number): string[] {
  const lines = [...base];
  for (let count = 1 + random(4); count > 0; count--) {
    const at = random(lines.length + 1);
    const added = Array.from({ length: random(3) }, () => textLine(random, kinds));
    lines.splice(at, random(3), ...added);
  }
  return lines;
}
