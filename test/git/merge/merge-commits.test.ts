import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { compareTrees } from "../../../src/git/history/compare-trees.ts";
import { mergeCommits } from "../../../src/git/merge/merge-commits.ts";
import type { MergeResult } from "../../../src/git/merge/merge-result.ts";
import { openObjectBatch } from "../../../src/git/objects/object-batch.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { fsck, git, gitEnvironment } from "../../helpers/system-git.ts";
import { seeded } from "../history/random-history.ts";
import { filesOf, keepBoth, treeOf } from "./merge-repository.ts";
import { type OverlayBatch, overlayBatch } from "./overlay-batch.ts";
import {
  commitAll,
  type CommitPlan,
  type Random,
  type RandomTree,
  randomEdits,
  randomTree,
} from "./random-tree.ts";

const GIT_MERGE = ["merge-tree", "--write-tree", "--name-only", "-z"];

type Compared = {
  readonly agreement: string;
  readonly merged: MergeResult;
  readonly batch: OverlayBatch;
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
};

/** Merges each pair of tips here and with system git. Many histories share one repository, which is quicker. */
function compareMerges(
  plans: readonly CommitPlan[],
  tips: readonly (readonly [number, number])[],
): Compared[] {
  const { directory, commits } = commitAll(plans);
  const store = openObjectStore(join(directory, ".git"));
  const compared = tips.map(([our, their]) => {
    const [ours = "", theirs = ""] = [commits[our], commits[their]];
    const batch = overlayBatch(store);
    const merged = mergeCommits({ reader: store, batch, ours, theirs, resolve: keepBoth });
    const base = commits[plans[our]?.parents[0] ?? 0] ?? "";
    return { agreement: agreement(directory, [ours, theirs], merged), merged, batch, base, ours, theirs };
  });
  store.close();
  return compared;
}

function agreement(directory: string, tips: readonly string[], merged: MergeResult): string {
  const result = spawnSync("git", [...GIT_MERGE, ...tips], { cwd: directory, env: gitEnvironment() });
  // Git 2.39 ends with a failed assertion on some renames in virtual bases.
  if (result.status !== 0 && result.status !== 1) return "git failed";
  const fields = result.stdout.toString("latin1").split("\0");
  const clean = merged.conflicts.length === 0;
  if (result.status === 0) {
    if (!clean) return "clean in git only";
    return fields[0] === merged.tree ? "same tree" : "other tree";
  }
  if (clean) return "clean here only";
  // Git names a moved file `path~commit`, and for a double rename the old path as well.
  const paths = new Set(fields.slice(1, fields.indexOf("", 1)).map((path) => path.replace(/~.*$/, "")));
  return merged.conflicts.every(({ path }) => paths.has(path)) ? "same conflicts" : "other conflicts";
}

function tally(compared: readonly Compared[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { agreement } of compared) counts[agreement] = (counts[agreement] ?? 0) + 1;
  return counts;
}

/**
 * Against git 2.39 over 1,500 seeds: 970 of 971 clean merges give the same tree, none is clean on one side only, 527
 * of 529 conflicting ones conflict at the same paths. What differs:
 * - a renamed file whose content two new files have: git may follow the other one;
 * - a rename onto an added file, with an edit that does not merge: two conflicts here, nested markers in git.
 * What is told otherwise: for a double rename git merges the content into both names and lists the old path too;
 * here each name keeps its side's content.
 */
describe("200 random merges", () => {
  const plans: CommitPlan[] = [];
  const tips: [number, number][] = [];
  for (let seed = 1; seed <= 200; seed++) {
    const random = seeded(seed);
    const base = randomTree(random);
    const first = plans.push({ tree: base, parents: [] }) - 1;
    for (let side = 0; side < 2; side++) plans.push({ tree: randomEdits(base, random), parents: [first] });
    tips.push([first + 1, first + 2]);
  }
  const compared = compareMerges(plans, tips);

  test("give git's tree where git is clean, and conflict at git's paths where it is not", () => {
    const counts = tally(compared);
    expect(counts["same tree"]).toBeGreaterThanOrEqual(120);
    expect(counts["same conflicts"]).toBeGreaterThanOrEqual(60);
    expect(counts).toEqual({
      "same tree": counts["same tree"] ?? 0,
      "same conflicts": counts["same conflicts"] ?? 0,
    });
  });

  test("have both sides' content of every conflict in the merged tree", () => {
    for (const { merged, batch } of compared) {
      const blobs = new Set(compareTrees(batch, undefined, merged.tree).map(({ after }) => after?.oid));
      for (const { ours, theirs } of merged.conflicts) {
        for (const version of [ours, theirs]) {
          if (version !== undefined && version.mode !== 0o40000) expect(blobs).toContain(version.oid);
        }
      }
    }
  });

  test("keep every line that a side added, and every file that nobody touched", () => {
    for (const { merged, batch, base, ours, theirs } of compared) {
      const [before, our, their] = [base, ours, theirs].map((oid) =>
        filesOf(batch, treeOfCommit(batch, oid)),
      );
      const result = Object.values(filesOf(batch, merged.tree)).join("\n");
      const linesBefore = new Set(Object.values(before ?? {}).flatMap((content) => content.split("\n")));
      for (const side of [our, their]) {
        for (const line of Object.values(side ?? {}).flatMap((content) => content.split("\n"))) {
          if (!linesBefore.has(line) && line.startsWith("line ")) expect(result).toContain(line);
        }
      }
    }
  });
});

function treeOfCommit(batch: OverlayBatch, oid: string): string {
  return Buffer.from(batch.read(oid).bytes).toString("latin1").slice(5, 45);
}

/** Takes for every path a random side's version. */
function mixture(random: Random, one: RandomTree, other: RandomTree): RandomTree {
  const mixed = new Map(one);
  for (const [path, file] of other) {
    const blocked = [...mixed.keys()].some(
      (known) => known.startsWith(`${path}/`) || path.startsWith(`${known}/`),
    );
    if (!blocked && (!mixed.has(path) || random(2) === 0)) mixed.set(path, file);
  }
  return mixed;
}

/**
 * Against git 2.39 over 1,600 such histories, the sides having resolved everything by chance: of 355 merges that git
 * finds clean 344 give the same tree and 11 conflict here, mostly where git follows a rename onto a path that both
 * sides have alike and drops the other side's edit; of 1,244 that conflict 1,190 do so at git's paths, 51 at further
 * ones (renames onto added files), and 3 are clean here, with no content missing. Git itself fails on one.
 */
describe("100 merges of histories that had merged each other", () => {
  const plans: CommitPlan[] = [];
  const tips: [number, number][] = [];
  for (let seed = 1; seed <= 100; seed++) {
    const random = seeded(seed);
    const tree = randomTree(random);
    const first = plans.push({ tree, parents: [] }) - 1;
    let [one, other] = [first, first];
    for (let level = 1 + random(2); level >= 0; level--) {
      const [ourTree, theirTree] = [one, other].map((tip) => randomEdits(plans[tip]?.tree ?? tree, random));
      one = plans.push({ tree: ourTree ?? tree, parents: [one] }) - 1;
      other = plans.push({ tree: theirTree ?? tree, parents: [other] }) - 1;
      if (level === 0) break;
      const [our, their] = [plans[one]?.tree ?? tree, plans[other]?.tree ?? tree];
      const parents: [number, number] = [one, other];
      one = plans.push({ tree: mixture(random, our, their), parents }) - 1;
      other = plans.push({ tree: mixture(random, their, our), parents: [parents[1], parents[0]] }) - 1;
    }
    tips.push([one, other]);
  }

  test("agree with git in nearly all cases", () => {
    const counts = tally(compareMerges(plans, tips));
    expect((counts["same tree"] ?? 0) + (counts["same conflicts"] ?? 0)).toBeGreaterThanOrEqual(92);
    expect(counts["other tree"] ?? 0).toBe(0);
    expect(counts["clean here only"] ?? 0).toBeLessThanOrEqual(1);
  });
});

describe("mergeCommits", () => {
  const rows = (...lines: (string | number)[]): string => lines.map((line) => `${line}\n`).join("");

  test("merges two devices that merged each other and resolved a conflict differently", () => {
    const tree = (content: string) => treeOf({ a: content });
    const { directory, commits } = commitAll([
      { tree: tree(rows(1, 2, 3, 4, 5)), parents: [] },
      { tree: tree(rows("x", 2, 3, 4, 5)), parents: [0] },
      { tree: tree(rows("y", 2, 3, 4, 5)), parents: [0] },
      { tree: tree(rows("x", 2, 3, 4, 5)), parents: [1, 2] },
      { tree: tree(rows("x", 2, 3, 4, "end")), parents: [2, 1] },
    ]);
    const store = openObjectStore(join(directory, ".git"));
    const batch = overlayBatch(store);
    const merged = mergeCommits({
      reader: store,
      batch,
      ours: commits[3] ?? "",
      theirs: commits[4] ?? "",
      resolve: keepBoth,
    });
    expect(merged.conflicts).toEqual([]);
    expect(filesOf(batch, merged.tree)).toEqual({ a: rows("x", 2, 3, 4, "end") });
    store.close();
  });

  test("comes to an end after hundreds of rounds in which two devices merged each other", () => {
    const plans: CommitPlan[] = [{ tree: treeOf({ a: "0\n" }), parents: [] }];
    let [one, other] = [0, 0];
    for (let round = 0; round < 300; round++) {
      const files = { a: "0\n", [`one${round}`]: "1", [`other${round}`]: "2" };
      const parents = [one, other];
      one = plans.push({ tree: treeOf({ ...files, mine: String(round) }), parents }) - 1;
      other = plans.push({ tree: treeOf({ ...files, a: "0\nx\n" }), parents: parents.toReversed() }) - 1;
    }
    const { directory, commits } = commitAll(plans);
    const store = openObjectStore(join(directory, ".git"));
    const batch = overlayBatch(store);
    const merged = mergeCommits({
      reader: store,
      batch,
      ours: commits[one] ?? "",
      theirs: commits[other] ?? "",
      resolve: keepBoth,
    });
    expect(filesOf(batch, merged.tree)).toMatchObject({ one299: "1", other299: "2" });
    store.close();
  });

  test("merges unrelated histories on the empty tree", () => {
    const { directory, commits } = commitAll([
      { tree: treeOf({ a: "ours\n", same: "1", o: "2" }), parents: [] },
      { tree: treeOf({ a: "theirs\n", same: "1", t: "3" }), parents: [] },
    ]);
    const store = openObjectStore(join(directory, ".git"));
    const batch = overlayBatch(store);
    const merged = mergeCommits({
      reader: store,
      batch,
      ours: commits[0] ?? "",
      theirs: commits[1] ?? "",
      resolve: keepBoth,
    });
    expect(merged.conflicts.map(({ path, reason }) => `${path} ${reason}`)).toEqual(["a add-add"]);
    expect(filesOf(batch, merged.tree)).toEqual({
      a: "theirs\n",
      "a.copy": "ours\n",
      same: "1",
      o: "2",
      t: "3",
    });
    store.close();
  });

  test("takes a side as it is when the other did nothing, and stops when told to", () => {
    const { directory, commits } = commitAll([
      { tree: treeOf({ a: "1" }), parents: [] },
      { tree: treeOf({ a: "2" }), parents: [0] },
      { tree: treeOf({ a: "3" }), parents: [0] },
    ]);
    const store = openObjectStore(join(directory, ".git"));
    const [base = "", ours = "", theirs = ""] = commits;
    const merge = (one: string, other: string, signal?: AbortSignal) =>
      mergeCommits({
        reader: store,
        batch: overlayBatch(store),
        ours: one,
        theirs: other,
        resolve: keepBoth,
        ...(signal === undefined ? {} : { signal }),
      });
    const tree = git(directory, "rev-parse", `${ours}^{tree}`);
    expect(merge(base, ours)).toEqual({ tree, conflicts: [] });
    expect(merge(ours, base)).toEqual({ tree, conflicts: [] });
    expect(merge(ours, ours)).toEqual({ tree, conflicts: [] });
    expect(() => merge(ours, theirs, AbortSignal.abort())).toThrow(
      expect.objectContaining({ code: "INTERRUPTED" }),
    );
    store.close();
  });

  test("writes objects that git finds whole", () => {
    const plans: CommitPlan[] = [];
    for (let seed = 500; seed < 510; seed++) {
      const random = seeded(seed);
      const base = randomTree(random);
      const first = plans.push({ tree: base, parents: [] }) - 1;
      for (let side = 0; side < 2; side++) plans.push({ tree: randomEdits(base, random), parents: [first] });
    }
    const { directory, commits } = commitAll(plans);
    const store = openObjectStore(join(directory, ".git"));
    for (let first = 0; first < commits.length; first += 3) {
      const [ours = "", theirs = ""] = commits.slice(first + 1);
      const batch = openObjectBatch(store);
      const { tree } = mergeCommits({ reader: store, batch, ours, theirs, resolve: keepBoth });
      batch.finish();
      const commit = git(directory, "commit-tree", tree, "-p", ours, "-p", theirs, "-m", "merged");
      git(directory, "update-ref", `refs/heads/merged${first}`, commit);
    }
    store.close();
    fsck(directory);
  });
});
