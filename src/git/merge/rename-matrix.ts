/** Pairs removed files with the added ones they are most like, every one compared with every other. */
import { throwIfAborted } from "../../base/abort.ts";
import { baseName } from "../paths.ts";
import type { PathVersion } from "./collect-entries.ts";
import type { Similarity } from "./similarity.ts";

export type RenamePair = { readonly source: PathVersion; readonly target: PathVersion };
/** `rank` orders by score, then by equal names. */
type Scored = RenamePair & { readonly score: number; readonly rank: number };

/** Best sources that are remembered for each added file. */
const CANDIDATES = 4;

export type MatrixInput = {
  readonly sources: readonly PathVersion[];
  readonly targets: readonly PathVersion[];
  readonly similarity: Similarity;
  readonly leastScore: number;
  readonly signal?: AbortSignal | undefined;
};

/** Returns pairs that are alike enough, best first; a file may be in several. Ties are broken as git breaks them. */
export function similarPairs({
  sources,
  targets,
  similarity,
  leastScore,
  signal,
}: MatrixInput): RenamePair[] {
  const pairs: Scored[] = [];
  for (const target of targets) {
    throwIfAborted(signal);
    const best: Scored[] = [];
    for (const source of sources) {
      const score = similarity.score(source.oid, target.oid, leastScore);
      const rank = score * 2 + Number(baseName(source.path) === baseName(target.path));
      // Pairs that are not alike take places too, which decides where the others stand.
      const place = best.length < CANDIDATES ? best.length : worstOf(best);
      if (rank > (best[place]?.rank ?? -1)) best[place] = { source, target, score, rank };
    }
    pairs.push(...best.filter(({ score }) => score >= leastScore));
  }
  // Stable: equal pairs stay in the order of their places.
  return pairs.sort((a, b) => b.rank - a.rank);
}

function worstOf(best: readonly Scored[]): number {
  let worst = 0;
  for (const [place, { rank }] of best.entries()) if (rank < (best[worst]?.rank ?? 0)) worst = place;
  return worst;
}
