import { afterAll, describe, expect, test } from "bun:test";
import { join } from "node:path";

import type { Relation } from "../../../src/git/git.ts";
import { isAncestor } from "../../../src/git/history/is-ancestor.ts";
import { logCommits } from "../../../src/git/history/log.ts";
import { mergeBases } from "../../../src/git/history/merge-base.ts";
import { relateCommits } from "../../../src/git/history/relate.ts";
import type { ObjectReader } from "../../../src/git/model.ts";
import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { git, gitEnvironment, gitRaw, temporaryDirectory } from "../../helpers/system-git.ts";
import { closeHistories, type RandomHistory, randomHistory, seeded } from "./random-history.ts";

afterAll(closeHistories);

const HISTORIES = [1, 2, 3, 4, 5, 6].map((seed) => ({ seed, skew: seed % 2 === 0 ? 3000 : 0 }));
const PAIRS = 15;

function pairsOf(history: RandomHistory, seed: number): (readonly [string, string])[] {
  const random = seeded(seed * 7919);
  const pick = (): string => history.commits[random(history.commits.length)] ?? "";
  return Array.from({ length: PAIRS }, () => [pick(), pick()] as const);
}

function gitMergeBases(directory: string, ours: string, theirs: string): string[] {
  // Git ends with 1 and says nothing when there is no base.
  return gitAnswer(directory, "merge-base", "--all", ours, theirs).output.split("\n").filter(Boolean).sort();
}

function gitAnswer(
  directory: string,
  ...args: string[]
): { readonly status: number; readonly output: string } {
  const result = Bun.spawnSync(["git", ...args], { cwd: directory, env: gitEnvironment() });
  return { status: result.exitCode, output: result.stdout.toString() };
}

function expectedRelation(directory: string, ours: string, theirs: string): Relation {
  if (ours === theirs) return { kind: "same" };
  // Counted by exclusion: `A...B` itself trusts dates and is wrong on some histories with skewed clocks.
  const ahead = Number(git(directory, "rev-list", "--count", "--topo-order", ours, `^${theirs}`));
  const behind = Number(git(directory, "rev-list", "--count", "--topo-order", theirs, `^${ours}`));
  const bases = gitMergeBases(directory, ours, theirs);
  if (bases.length === 0) return { kind: "unrelated", ahead, behind };
  if (bases[0] === theirs) return { kind: "ahead", commits: ahead };
  if (bases[0] === ours) return { kind: "behind", commits: behind };
  return { kind: "diverged", ahead, behind, bases };
}

describe.each(HISTORIES)("a random history (seed $seed, clocks wrong by up to $skew s)", ({ seed, skew }) => {
  const history = randomHistory(seed, { commits: 80, skew });
  const { directory, store, commits } = history;
  const pairs = pairsOf(history, seed);

  test("has the best common ancestors that git finds", () => {
    for (const [ours, theirs] of pairs) {
      expect([...mergeBases(store, ours, theirs)].sort()).toEqual(gitMergeBases(directory, ours, theirs));
    }
  });

  test("relates two commits as git counts them", () => {
    for (const [ours, theirs] of pairs) {
      const relation = relateCommits(store, ours, theirs);
      const sorted: Relation =
        relation.kind === "diverged" ? { ...relation, bases: [...relation.bases].sort() } : relation;
      expect(sorted).toEqual(expectedRelation(directory, ours, theirs));
    }
  });

  test("answers who descends from whom as git does", () => {
    for (const [ours, theirs] of pairs) {
      const { status } = gitAnswer(directory, "merge-base", "--is-ancestor", ours, theirs);
      expect(isAncestor(store, ours, theirs)).toBe(status === 0);
    }
  });

  test("is logged newest first, each commit before its parents", () => {
    for (const tip of commits.slice(-5)) {
      const expected = git(directory, "rev-list", "--date-order", tip).split("\n");
      expect(logCommits(store, tip, 1000).map(({ oid }) => oid)).toEqual(expected);
      expect(logCommits(store, tip, 7).map(({ oid }) => oid)).toEqual(expected.slice(0, 7));
    }
  });
});

describe("a log", () => {
  test("of a line reads no commit that it does not show, whatever the clocks say", () => {
    const { directory, store, commits } = randomHistory(99, { commits: 40, skew: 3000, isLine: true });
    const tip = commits.at(-1) ?? "";
    const read: string[] = [];
    const counted = { ...readerOf(store), read: (oid: string) => (read.push(oid), store.read(oid)) };
    const logged = logCommits(counted, tip, 15).map(({ oid }) => oid);
    expect(logged).toEqual(git(directory, "rev-list", "-15", tip).split("\n"));
    expect(read).toEqual(logged);
    expect(logCommits(store, tip, 0)).toEqual([]);
    expect(logCommits(store, tip, 1000)).toHaveLength(40);
  });
});

function readerOf(store: ObjectReader): ObjectReader {
  return { has: (oid) => store.has(oid), read: (oid) => store.read(oid), header: (oid) => store.header(oid) };
}

describe("relateCommits", () => {
  test("does not read below the point where two lines of history parted", () => {
    const directory = temporaryDirectory();
    git(directory, "init", "-q", "--template=");
    const commit = (day: number, ...parents: string[]): string =>
      gitRaw(
        directory,
        [
          "commit-tree",
          "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
          "-m",
          "x",
          ...parents.flatMap((oid) => ["-p", oid]),
        ],
        {
          env: { GIT_COMMITTER_DATE: `${1_700_000_000 + day * 86_400} +0000` },
        },
      )
        .toString()
        .trim();
    git(directory, "hash-object", "-w", "-t", "tree", "/dev/null");
    let tip = commit(0);
    for (let day = 2; day < 60; day += 2) tip = commit(day, tip);
    const [ours, theirs] = [commit(60, tip), commit(61, tip)];
    const store = openObjectStore(join(directory, ".git"));
    const read: string[] = [];
    const counted = {
      ...store,
      has: () => true,
      header: store.header.bind(store),
      read: (oid: string) => (read.push(oid), store.read(oid)),
    };
    expect(relateCommits(counted, ours, theirs)).toEqual({
      kind: "diverged",
      ahead: 1,
      behind: 1,
      bases: [tip],
    });
    expect(read.length).toBeLessThanOrEqual(5);
    store.close();
  });

  test("stops when the signal is set and names what is no commit", () => {
    const history = randomHistory(9, { commits: 5, skew: 0 });
    const [ours = "", theirs = ""] = history.commits.slice(-2);
    expect(() => relateCommits(history.store, ours, theirs, AbortSignal.abort())).toThrow(
      expect.objectContaining({ code: "INTERRUPTED" }),
    );
    const tree = git(history.directory, "rev-parse", `${ours}^{tree}`);
    expect(() => relateCommits(history.store, ours, tree)).toThrow(
      expect.objectContaining({ code: "OBJECT_CORRUPT" }),
    );
  });
});

test("clocks that are wrong by weeks do not hide a common ancestor", () => {
  const history = randomHistory(11, { commits: 80, skew: 40 * 86_400 });
  for (const [ours, theirs] of pairsOf(history, 11)) {
    const relation = relateCommits(history.store, ours, theirs);
    expect([...mergeBases(history.store, ours, theirs)].sort()).toEqual(
      gitMergeBases(history.directory, ours, theirs),
    );
    expect(relation.kind).toBe(expectedRelation(history.directory, ours, theirs).kind);
  }
});

test("a virtual tip has the common ancestors of all its parents", () => {
  const history = randomHistory(3, { commits: 60, skew: 3000 });
  const tips = history.commits.slice(-3);
  const [first = "", second = "", other = ""] = tips;
  const virtual = git(
    history.directory,
    "commit-tree",
    `${first}^{tree}`,
    "-p",
    first,
    "-p",
    second,
    "-m",
    "virtual",
  );
  history.store.refresh();
  expect([...mergeBases(history.store, [first, second], other)].sort()).toEqual(
    gitMergeBases(history.directory, virtual, other),
  );
});
