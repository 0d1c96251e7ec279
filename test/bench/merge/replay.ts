import { openObjectStore } from "../../../src/git/objects/object-store.ts";
import { compareMerge, type Difference } from "./compare.ts";
import { GitMerger } from "./git-merges.ts";
import type { Merge } from "./merge-list.ts";
import { mergeHere } from "./our-merges.ts";

/** Merges that git and lull make in turn: few enough that their objects fit in memory, many enough for one process. */
const TURN = 100;
/** Merges of a sample for which git gets a process each, as a program that calls git would do it. */
const SINGLE_MERGES = 60;

export type Replay = {
  readonly clean: Count;
  readonly conflicting: Count;
  /** Merges on which system git ends with an error of its own. */
  readonly gitFailures: readonly string[];
  readonly differences: readonly Difference[];
  /** Time of lull through time of git: one git process for many merges, by the clock and by processor time. */
  readonly wallRatio: number;
  readonly cpuRatio: number;
  /** By the clock, against one git process for each merge. */
  readonly singleRatio: number;
  readonly ourMsPerMerge: number;
};

/** Merges that git called clean or conflicting, and how many of them lull made alike. */
type Count = { readonly merges: number; readonly same: number };

/** Replays merges turn by turn: git, lull, git, lull …, so that a machine that slows down meets both alike. */
export function replay(
  repository: string,
  merges: readonly Merge[],
  onTurn: (done: number, differences: readonly Difference[]) => void,
): Replay {
  using git = new GitMerger(repository);
  const store = openObjectStore(repository);
  const count = { clean: { merges: 0, same: 0 }, conflicting: { merges: 0, same: 0 } };
  const time = { git: { wall: 0, cpu: 0 }, ours: { wall: 0, cpu: 0 } };
  const differences: Difference[] = [];
  const gitFailures: string[] = [];
  try {
    for (let start = 0; start < merges.length; start += TURN) {
      const turn = merges.slice(start, start + TURN);
      git.clear();
      const theirs = git.run(turn);
      const ours = mergeHere(store, turn);
      time.git.wall += theirs.wallMs;
      time.git.cpu += theirs.cpuMs;
      time.ours.wall += ours.wallMs;
      time.ours.cpu += ours.cpuMs;
      const written = openObjectStore(git.scratch);
      const found: Difference[] = [];
      for (const [index, merge] of turn.entries()) {
        const [byGit, byUs] = [theirs.merges[index], ours.merges[index]];
        if (byGit === undefined || byUs === undefined) continue;
        const verdict = compareMerge(merge, byGit, byUs, written);
        if (verdict.kind === "git failed") gitFailures.push(`${merge.oid} git failed: ${verdict.message}`);
        else {
          const kind = byGit.kind === "clean" ? count.clean : count.conflicting;
          kind.merges++;
          if (verdict.kind === "same") kind.same++;
          else found.push(verdict);
        }
      }
      written.close();
      differences.push(...found);
      onTurn(start + turn.length, found);
    }
    return {
      ...count,
      gitFailures,
      differences,
      wallRatio: time.ours.wall / time.git.wall,
      cpuRatio: time.ours.cpu / time.git.cpu,
      singleRatio: singleRatio(git, store, merges),
      ourMsPerMerge: time.ours.wall / merges.length,
    };
  } finally {
    store.close();
  }
}

function singleRatio(
  git: GitMerger,
  store: Parameters<typeof mergeHere>[0],
  merges: readonly Merge[],
): number {
  const stride = Math.max(1, Math.floor(merges.length / SINGLE_MERGES));
  let [ours, theirs] = [0, 0];
  for (let index = 0; index < merges.length; index += stride) {
    const one = merges.slice(index, index + 1);
    git.clear();
    theirs += git.run(one).wallMs;
    ours += mergeHere(store, one).wallMs;
  }
  return ours / theirs;
}
