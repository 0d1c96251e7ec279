import type { ObjectReader, Oid } from "../model.ts";
import { CommitQueue, historyOf, type HistoryNode } from "./commit-walk.ts";

/** Bits of what is known of a commit: which side reaches it, and whether a common ancestor descends from it. */
export const REACHED = { ours: 1, theirs: 2, belowCommon: 4 } as const;

const COMMON = REACHED.ours | REACHED.theirs;

/**
 * Returns all best common ancestors, newest first: commits that both sides reach and from which no other such
 * commit descends. Several tips on one side count as one line of history (a merge that is not committed).
 */
export function mergeBases(
  reader: ObjectReader,
  ours: Oid | readonly Oid[],
  theirs: Oid,
  signal?: AbortSignal,
): readonly Oid[] {
  return paintHistory(historyOf(reader, signal), [ours].flat(), theirs).bases;
}

export type Painting = {
  /** Best common ancestors, newest first. */
  readonly bases: readonly Oid[];
  /** For each visited commit the `REACHED` bits that are known of it. */
  readonly reached: ReadonlyMap<Oid, number>;
};

/**
 * Paints both histories, newest commits first, until only common ancestors are left to look at.
 *
 * The bases are exact whatever the dates say: every path from a tip to a best common ancestor holds one-sided
 * commits only, so the walk cannot end before both colours came down it. Dates can only add candidates that are
 * ancestors of others, which the same walk between the candidates tells: a path from one of them down to another
 * holds nothing that the lower one reaches. (Walking all of history instead took 250 ms for each merge of a repository
 * of 10,000 commits whose branches merge each other.)
 *
 * What `reached` says of a commit is true, but may be less than all where a date is wrong: a commit that one side
 * reaches may lie below a base as well. See `relate.ts`.
 */
export function paintHistory(nodeOf: (oid: Oid) => HistoryNode, ours: readonly Oid[], theirs: Oid): Painting {
  const painter = new Painter(nodeOf);
  for (const oid of ours) painter.paint(oid, REACHED.ours);
  painter.paint(theirs, REACHED.theirs);
  while (painter.undecided > 0) painter.step();
  const candidates = [...painter.candidates].filter(
    (oid) => (painter.reached.get(oid) ?? 0) < REACHED.belowCommon,
  );
  const bases = candidates.filter((oid) => !isAncestorOfOthers(nodeOf, oid, candidates));
  bases.sort((a, b) => nodeOf(b).seconds - nodeOf(a).seconds);
  return { bases, reached: painter.reached };
}

function isAncestorOfOthers(
  nodeOf: (oid: Oid) => HistoryNode,
  oid: Oid,
  candidates: readonly Oid[],
): boolean {
  if (candidates.length === 1) return false;
  const painter = new Painter(nodeOf);
  painter.paint(oid, REACHED.ours);
  for (const other of candidates) if (other !== oid) painter.paint(other, REACHED.theirs);
  while (painter.undecided > 0) painter.step();
  return ((painter.reached.get(oid) ?? 0) & REACHED.theirs) !== 0;
}

class Painter {
  readonly reached = new Map<Oid, number>();
  /** Commits that were common when they came up. */
  readonly candidates = new Set<Oid>();
  /** Queue entries that are not known to lie below a common ancestor. */
  undecided = 0;
  readonly #queue = new CommitQueue();
  readonly #queued = new Set<Oid>();
  readonly #nodeOf: (oid: Oid) => HistoryNode;

  constructor(nodeOf: (oid: Oid) => HistoryNode) {
    this.#nodeOf = nodeOf;
  }

  /** Adds colours to a commit; new colours put it (back) into the queue, so that they flow on to its ancestors. */
  paint(oid: Oid, colours: number): void {
    const before = this.reached.get(oid) ?? 0;
    const after = before | colours;
    if (before === after) return;
    this.reached.set(oid, after);
    const wasUndecided = this.#queued.has(oid) && before < REACHED.belowCommon;
    const isUndecided = after < REACHED.belowCommon;
    this.undecided += Number(isUndecided) - Number(wasUndecided);
    if (this.#queued.has(oid)) return;
    this.#queued.add(oid);
    this.#queue.push(this.#nodeOf(oid));
  }

  step(): void {
    const node = this.#queue.pop();
    if (node === undefined) return;
    this.#queued.delete(node.oid);
    let colours = this.reached.get(node.oid) ?? 0;
    if (colours < REACHED.belowCommon) {
      this.undecided--;
      if (colours === COMMON) {
        this.candidates.add(node.oid);
        colours |= REACHED.belowCommon;
      }
    }
    for (const parent of node.parents) this.paint(parent, colours);
  }
}
