import { git } from "../../helpers/system-git.ts";
import { seededRandom } from "../../helpers/random.ts";
import type { Options } from "./options.ts";

export type Merge = { readonly oid: string; readonly ours: string; readonly theirs: string };

export type MergeList = {
  /** Newest first. */
  readonly merges: readonly Merge[];
  /** Merges of the history with two parents, whether chosen or not. */
  readonly total: number;
  /** Merges of three or more parents: no three-way merge, so they are left out. */
  readonly octopus: number;
};

/** Lists the merge commits that are to be replayed: the newest, and a random sample of the others. */
export function listMerges({ repository, from, limit, sample, seed }: Options): MergeList {
  const lines = git(repository, "rev-list", "--merges", "--parents", from ?? "--all").split("\n");
  const commits = lines.filter((line) => line !== "").map((line) => line.split(" "));
  const merges = commits.flatMap(([oid = "", ours = "", theirs = "", ...more]) =>
    more.length === 0 ? [{ oid, ours, theirs }] : [],
  );
  const newest = merges.slice(0, limit);
  const older = merges.slice(newest.length);
  return {
    merges: [...newest, ...shuffled(older, seed).slice(0, sample)],
    total: merges.length,
    octopus: commits.length - merges.length,
  };
}

function shuffled(merges: readonly Merge[], seed: number): Merge[] {
  const random = seededRandom(seed);
  const pool = [...merges];
  for (let last = pool.length - 1; last > 0; last--) {
    const other = random.below(last + 1);
    const [a, b] = [pool[last], pool[other]];
    if (a !== undefined && b !== undefined) [pool[last], pool[other]] = [b, a];
  }
  return pool;
}
