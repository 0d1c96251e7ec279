/**
 * What history is: who is whose ancestor, where two lines parted, what a branch holds, which files differ between
 * two trees. Reads objects only. It must not know refs, the index, the work tree or remotes.
 *
 * This file: parsed commits, each read once, and the queue that hands them out newest first. Commit dates come
 * from clocks that disagree, so no caller may take "newest first" for "children first" without saying why.
 */
import { throwIfAborted } from "../../base/abort.ts";
import type { ObjectReader, Oid } from "../model.ts";
import { type CommitLinks, readCommitLinks } from "../objects/commit-object.ts";

/** The part of a commit that walking needs; a hundred thousand of them must fit in memory. */
export type HistoryNode = CommitLinks & { readonly oid: Oid };

/** Every so many commits a walk looks whether it should stop. */
export const ABORT_STRIDE = 256;

/**
 * Returns a function that gives a commit's node and remembers it.
 * @throws LullError of the reader, or `INTERRUPTED` when the signal is set
 */
export function historyOf(reader: ObjectReader, signal?: AbortSignal): (oid: Oid) => HistoryNode {
  const nodes = new Map<Oid, HistoryNode>();
  return (oid) => {
    let node = nodes.get(oid);
    if (node === undefined) {
      if (nodes.size % ABORT_STRIDE === 0) throwIfAborted(signal);
      node = { oid, ...readCommitLinks(reader, oid) };
      nodes.set(oid, node);
    }
    return node;
  };
}

/** A binary heap of commits: the newest first; of equal dates the one that was put in first. */
export class CommitQueue {
  readonly #heap: { readonly node: HistoryNode; readonly order: number }[] = [];
  #order = 0;

  push(node: HistoryNode): void {
    const heap = this.#heap;
    heap.push({ node, order: this.#order++ });
    for (let at = heap.length - 1; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLater(parent, at)) break;
      at = parent;
    }
  }

  pop(): HistoryNode | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.node;
    heap[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < heap.length && this.#isBefore(right, left) ? right : left;
      if (child >= heap.length || !this.#swapIfLater(at, child)) break;
      at = child;
    }
    return first.node;
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one === undefined || other === undefined) return false;
    return (
      one.node.seconds > other.node.seconds ||
      (one.node.seconds === other.node.seconds && one.order < other.order)
    );
  }

  /** Swaps two entries when the upper one belongs below; says whether it did. */
  #swapIfLater(upper: number, lower: number): boolean {
    const [above, below] = [this.#heap[upper], this.#heap[lower]];
    if (above === undefined || below === undefined || !this.#isBefore(lower, upper)) return false;
    this.#heap[upper] = below;
    this.#heap[lower] = above;
    return true;
  }
}
