/** Pairs removed files with the added ones they are most like, every one compared with every other. */
import { throwIfAborted } from "../../base/abort.ts";
import { baseName } from "../paths.ts";
import type { PathVersion } from "./collect-entries.ts";
import { type Fingerprint, mayBeSimilar, scoreOf, type Similarity } from "./similarity.ts";

export type RenamePair = { readonly source: PathVersion; readonly target: PathVersion };
/** `rank` orders by score, then by equal names. */
type Scored = RenamePair & { readonly score: number; readonly rank: number };

/** Best sources that are remembered for each added file. */
const CANDIDATES = 4;
/** Chunks of removed files that are in memory at a time, 8 bytes each. */
const CHUNK_LIMIT = 4_000_000;

export type MatrixInput = {
  readonly sources: readonly PathVersion[];
  readonly targets: readonly PathVersion[];
  readonly similarity: Similarity;
  readonly leastScore: number;
  readonly signal?: AbortSignal | undefined;
};

/** Returns pairs that are alike enough, best first; a file may be in several. Ties are broken as git breaks them. */
export function similarPairs(input: MatrixInput): RenamePair[] {
  const { sources, targets, leastScore, signal } = input;
  const best = targets.map((): Scored[] => []);
  for (let start = 0; start < sources.length;) {
    const block = new SourceBlock(input, start);
    for (const [index, target] of targets.entries()) {
      throwIfAborted(signal);
      block.compare(target, best[index] ?? []);
    }
    start = block.end;
  }
  // Stable: equal pairs stay in the order of their places.
  return best
    .flat()
    .filter(({ score }) => score >= leastScore)
    .sort((a, b) => b.rank - a.rank);
}

/**
 * As many removed files as fit in memory, found by their chunks: comparing one file with all of them costs what they
 * have in common, where comparing them one by one took 8 µs a pair, 30 s for 2,000 files beside 2,000.
 */
class SourceBlock {
  /** Of the first source after the block. */
  readonly end: number;
  readonly #input: MatrixInput;
  readonly #start: number;
  readonly #names: readonly string[];
  readonly #sizes: Float64Array;
  readonly #places = new Map<number, { readonly sources: number[]; readonly bytes: number[] }>();
  readonly #shared: Float64Array;

  constructor(input: MatrixInput, start: number) {
    const { sources, targets, similarity, leastScore } = input;
    this.#input = input;
    this.#start = start;
    const targetSizes = [...new Set(targets.map(({ oid }) => similarity.sizeOf(oid)))];
    const names: string[] = [];
    const sizes: number[] = [];
    let chunks = 0;
    let end = start;
    for (; end < sources.length && chunks < CHUNK_LIMIT; end++) {
      const { path, oid } = sources[end] as PathVersion;
      const size = similarity.sizeOf(oid);
      names.push(baseName(path));
      sizes.push(size);
      if (!targetSizes.some((targetSize) => mayBeSimilar(size, targetSize, leastScore))) continue;
      const print = similarity.fingerprintOf(oid);
      chunks += print.classes.length;
      this.#add(end - start, print);
    }
    this.end = end;
    this.#names = names;
    this.#sizes = Float64Array.from(sizes);
    this.#shared = new Float64Array(names.length);
  }

  /** Puts the sources that are most like the target among its best. */
  compare(target: PathVersion, best: Scored[]): void {
    const { sources, similarity, leastScore } = this.#input;
    const targetSize = similarity.sizeOf(target.oid);
    const name = baseName(target.path);
    if (this.#sizes.some((size) => mayBeSimilar(size, targetSize, leastScore)))
      this.#countShared(similarity.fingerprintOf(target.oid));
    else this.#shared.fill(0);
    for (let index = 0; index < this.#names.length; index++) {
      const size = this.#sizes[index] ?? 0;
      const score = mayBeSimilar(size, targetSize, leastScore)
        ? scoreOf(this.#shared[index] ?? 0, Math.max(size, targetSize))
        : 0;
      const rank = score * 2 + Number(this.#names[index] === name);
      // Pairs that are not alike take places too, which decides where the others stand.
      const place = best.length < CANDIDATES ? best.length : worstOf(best);
      if (rank <= (best[place]?.rank ?? -1)) continue;
      const source = sources[this.#start + index];
      if (source !== undefined) best[place] = { source, target, score, rank };
    }
  }

  #add(index: number, { classes, bytes }: Fingerprint): void {
    for (let at = 0; at < classes.length; at++) {
      const chunk = classes[at] ?? 0;
      let place = this.#places.get(chunk);
      if (place === undefined) this.#places.set(chunk, (place = { sources: [], bytes: [] }));
      place.sources.push(index);
      place.bytes.push(bytes[at] ?? 0);
    }
  }

  #countShared({ classes, bytes }: Fingerprint): void {
    const shared = this.#shared.fill(0);
    for (let at = 0; at < classes.length; at++) {
      const place = this.#places.get(classes[at] ?? 0);
      if (place === undefined) continue;
      const most = bytes[at] ?? 0;
      for (let next = 0; next < place.sources.length; next++) {
        const index = place.sources[next] ?? 0;
        shared[index] = (shared[index] ?? 0) + Math.min(most, place.bytes[next] ?? 0);
      }
    }
  }
}

function worstOf(best: readonly Scored[]): number {
  let worst = 0;
  for (let place = 1; place < best.length; place++) {
    if ((best[place]?.rank ?? 0) < (best[worst]?.rank ?? 0)) worst = place;
  }
  return worst;
}
