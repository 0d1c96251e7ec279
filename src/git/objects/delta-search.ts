/**
 * Finds for each object another one to build upon, as `git pack-objects` does: objects that are likely to resemble
 * each other are brought side by side (same kind, same end of the path, falling size), and each is tried against the
 * last few before it. Larger before smaller: a deletion is a shorter delta than an insertion.
 */
import type { ObjectKind } from "../model.ts";
import { DeltaBase } from "./delta-encode.ts";
import { TurnKeeper } from "./turn-keeper.ts";

export type DeltaCandidate = {
  readonly kind: ObjectKind;
  readonly size: number;
  /** Equal for versions of one path, near for paths that end alike; see `nameHash`. */
  readonly nameHash: number;
  /** Newer objects have lower numbers. */
  readonly order: number;
  /** How many deltas deep others build upon it already. */
  readonly height: number;
  /** Set for a pack in which deltas were looked for before: two of the same pack are not tried again. */
  readonly searchedIn: object | undefined;
  /** Large content that deflate cannot make smaller. */
  readonly isIncompressible: boolean;
  /** How many deltas lie below it. */
  depth: number;
};

export type DeltaSearch<Candidate extends DeltaCandidate> = {
  /** Content of a candidate. */
  read(candidate: Candidate): Uint8Array;
  /** Told the best delta of a candidate, if there is one. */
  onDelta(candidate: Candidate, base: Candidate, delta: Uint8Array): void;
  onProgress?(done: number, total: number): void;
  readonly signal: AbortSignal;
};

/** Both as git's defaults (pack.window, pack.depth). */
const WINDOW = 10;
export const DEEPEST = 50;
/** What the window may hold; git has no limit by default. */
const WINDOW_BYTES = 48 * 1024 * 1024;
/** Larger objects are not worth their memory: base, index and target are there at once. */
export const LARGEST_DELTIFIED = 16 * 1024 * 1024;
/** As git: a delta of less pays no more than its own head. */
const SMALLEST = 50;
/** A delta this short is not improved upon: the others of the window could save a few bytes at most. */
const GOOD_ENOUGH = 72;

export async function searchDeltas<Candidate extends DeltaCandidate>(
  candidates: readonly Candidate[],
  search: DeltaSearch<Candidate>,
): Promise<void> {
  const turns = new TurnKeeper(search.signal);
  const window = new Window<Candidate>();
  const sorted = candidates
    .filter(({ size }) => size >= SMALLEST && size <= LARGEST_DELTIFIED)
    .sort(compareCandidates);
  for (const [done, candidate] of sorted.entries()) {
    const bytes = search.read(candidate);
    const best = window.bestFor(candidate, bytes);
    if (best !== undefined) {
      candidate.depth = best.base.depth + 1;
      search.onDelta(candidate, best.base, best.delta);
    }
    window.push(candidate, bytes);
    // Each try reads the target once, at several times the cost of inflating it.
    if (turns.isDue(bytes.length * 4)) {
      search.onProgress?.(done, sorted.length);
      await turns.turn();
    }
  }
}

/**
 * Git's hash of a path, of which the last characters count most. It goes from left to right, so that the hash of
 * `a/b` continues the one of `a`.
 */
export function nameHash(start: number, name: Uint8Array, from = 0, to = name.length): number {
  let hash = start;
  for (let at = from; at < to; at++) {
    const byte = name[at] ?? 0;
    if (byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)) continue;
    hash = ((hash >>> 2) + (byte << 24)) >>> 0;
  }
  return hash;
}

const KIND_ORDER: Readonly<Record<ObjectKind, number>> = { commit: 0, tag: 1, tree: 2, blob: 3 };

function compareCandidates(a: DeltaCandidate, b: DeltaCandidate): number {
  return (
    KIND_ORDER[a.kind] - KIND_ORDER[b.kind] || a.nameHash - b.nameHash || b.size - a.size || a.order - b.order
  );
}

type Slot<Candidate> = { readonly candidate: Candidate; readonly base: DeltaBase };
type Best<Candidate> = { readonly base: Candidate; readonly delta: Uint8Array };

class Window<Candidate extends DeltaCandidate> {
  /** The one to try first comes last. */
  #slots: Slot<Candidate>[] = [];

  bestFor(target: Candidate, bytes: Uint8Array): Best<Candidate> | undefined {
    let best: Best<Candidate> | undefined;
    let bestAt = -1;
    for (let at = this.#slots.length - 1; at >= 0; at--) {
      const slot = this.#slots[at];
      if (slot === undefined || !isWorthTrying(target, slot.candidate)) continue;
      const limit = longestAllowed(target, slot.candidate, best);
      if (limit <= 0 || slot.candidate.size > target.size * 32 || target.size - slot.candidate.size > limit)
        continue;
      const delta = slot.base.encode(bytes, limit);
      if (delta === undefined) continue;
      best = { base: slot.candidate, delta };
      bestAt = at;
      if (delta.length <= GOOD_ENOUGH) break;
    }
    if (bestAt >= 0) this.#slots.push(...this.#slots.splice(bestAt, 1));
    return best;
  }

  push(candidate: Candidate, bytes: Uint8Array): void {
    this.#slots.push({ candidate, base: new DeltaBase(bytes) });
    const total = (): number =>
      this.#slots.reduce((sum, { base }) => sum + base.bytes.length + base.indexBytes, 0);
    while (this.#slots.length > WINDOW || (this.#slots.length > 1 && total() > WINDOW_BYTES))
      this.#slots.shift();
  }
}

function isWorthTrying(target: DeltaCandidate, base: DeltaCandidate): boolean {
  if (target.kind !== base.kind) return false;
  if (base.depth + 1 + target.height > DEEPEST) return false;
  if (target.searchedIn !== undefined && target.searchedIn === base.searchedIn) return false;
  // Two pictures share nothing, unless they are versions of one.
  return !(target.isIncompressible || base.isIncompressible) || target.nameHash === base.nameHash;
}

/** As git: half of the object, less the deeper the base lies; or shorter than the best so far. */
function longestAllowed<Candidate extends DeltaCandidate>(
  target: Candidate,
  base: Candidate,
  best: Best<Candidate> | undefined,
): number {
  const most = best === undefined ? Math.floor(target.size / 2) - 20 : best.delta.length - 1;
  const depth = best === undefined ? 1 : best.base.depth + 1;
  return Math.floor((most * (DEEPEST - base.depth)) / (DEEPEST - depth + 1));
}
