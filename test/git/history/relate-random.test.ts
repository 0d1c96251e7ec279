/** Relations of random histories with clocks that are wrong by anything, against what their graphs say. */
import { expect, test } from "bun:test";

import type { Relation } from "../../../src/git/git.ts";
import { logCommits } from "../../../src/git/history/log.ts";
import { mergeBases } from "../../../src/git/history/merge-base.ts";
import { relateCommits } from "../../../src/git/history/relate.ts";
import { EMPTY_TREE, type Oid } from "../../../src/git/model.ts";
import { serializeCommit } from "../../../src/git/objects/commit-object.ts";
import { MemoryObjects } from "../../helpers/memory-objects.ts";
import { type Random, seededRandom } from "../../helpers/random.ts";
import { gitEnvironment } from "../../helpers/system-git.ts";
import { closeHistories, randomHistory } from "./random-history.ts";

const GRAPHS = 400;
const PAIRS = 10;
const YEAR = 365 * 86_400;

test("4,000 random pairs relate as their graphs say, whatever their clocks said", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  for (let round = 0; round < GRAPHS; round++) {
    const { objects, commits, ancestors } = randomGraph(random);
    for (let pair = 0; pair < PAIRS; pair++) {
      const [ours, theirs] = [random.pick(commits), random.pick(commits)];
      const relation = relateCommits(objects, ours, theirs);
      const sorted: Relation =
        relation.kind === "diverged" ? { ...relation, bases: relation.bases.toSorted() } : relation;
      expect(sorted).toEqual(expectedRelation(ancestors, ours, theirs));
    }
    const tip = random.pick(commits);
    const logged = logCommits(objects, tip, 1000).map(({ oid }) => oid);
    expect(logged.toSorted()).toEqual([...(ancestors.get(tip) ?? [])].sort());
    expect(
      logged.every((oid, at) => logged.slice(0, at).every((above) => !ancestors.get(oid)?.has(above))),
    ).toBe(true);
  }
});

test("merge bases under clocks wrong by a year are those that git finds", () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  const { directory, store, commits } = randomHistory(seed, { commits: 200, skew: YEAR });
  for (let pair = 0; pair < 200; pair++) {
    const [ours, theirs] = [random.pick(commits), random.pick(commits)];
    const answer = Bun.spawnSync(["git", "merge-base", "--all", ours, theirs], {
      cwd: directory,
      env: gitEnvironment(),
    });
    const expected = answer.stdout.toString().split("\n").filter(Boolean).sort();
    expect([...mergeBases(store, ours, theirs)].sort()).toEqual(expected);
  }
  closeHistories();
});

type Graph = {
  readonly objects: MemoryObjects;
  readonly commits: readonly Oid[];
  /** Of each commit, itself included. */
  readonly ancestors: ReadonlyMap<Oid, ReadonlySet<Oid>>;
};

function randomGraph(random: Random): Graph {
  const objects = new MemoryObjects();
  const commits: Oid[] = [];
  const ancestors = new Map<Oid, ReadonlySet<Oid>>();
  const skew = random.pick([0, 3, 100, 1_000_000]);
  const reach = random.pick([2, 6, 30]);
  for (let at = 0; at < 3 + random.below(40); at++) {
    const parents = new Set<Oid>();
    const wanted = random.chance(0.04) ? 0 : random.pick([1, 1, 1, 2, 2, 3]);
    for (let count = 0; count < wanted && commits.length > 0; count++) {
      parents.add(commits[Math.max(0, commits.length - 1 - random.below(reach))] ?? "");
    }
    const seconds = 2_000_000 + at * 10 + random.below(2 * skew + 1) - skew;
    const author = { name: "A", email: "a", seconds, offsetMinutes: 0 };
    const commit = { tree: EMPTY_TREE, parents: [...parents], author, committer: author, message: `${at}` };
    const oid = objects.write("commit", serializeCommit(commit));
    commits.push(oid);
    ancestors.set(
      oid,
      new Set([oid, ...[...parents].flatMap((parent) => [...(ancestors.get(parent) ?? [])])]),
    );
  }
  return { objects, commits, ancestors };
}

function expectedRelation(ancestors: Graph["ancestors"], ours: Oid, theirs: Oid): Relation {
  if (ours === theirs) return { kind: "same" };
  const mine = ancestors.get(ours) ?? new Set<Oid>();
  const other = ancestors.get(theirs) ?? new Set<Oid>();
  const common = [...mine].filter((oid) => other.has(oid));
  const bases = common.filter(
    (oid) => !common.some((above) => above !== oid && ancestors.get(above)?.has(oid)),
  );
  const ahead = mine.size - common.length;
  const behind = other.size - common.length;
  if (bases.length === 0) return { kind: "unrelated", ahead, behind };
  if (bases[0] === theirs) return { kind: "ahead", commits: ahead };
  if (bases[0] === ours) return { kind: "behind", commits: behind };
  return { kind: "diverged", ahead, behind, bases: bases.sort() };
}
