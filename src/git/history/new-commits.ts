import type { ObjectReader, Oid } from "../model.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import { CommitQueue, type HistoryNode } from "./commit-walk.ts";

/**
 * Gives the commits that new tips reach and known ones do not, about newest first. Where clocks were wrong it may give
 * some known ones too, as git's own walk does.
 */
export class NewCommits {
  readonly #reader: ObjectReader;
  readonly #queue = new CommitQueue();
  readonly #state = new Map<Oid, "new" | "known">();
  /** New ones that wait in the queue: without any the walk is over. */
  readonly #newQueued = new Set<Oid>();

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  addNew(oid: Oid): void {
    if (this.#state.has(oid)) return;
    this.#state.set(oid, "new");
    this.#newQueued.add(oid);
    this.#queue.push({ oid, ...readCommitLinks(this.#reader, oid) });
  }

  addKnown(oid: Oid): void {
    if (this.#state.get(oid) === "known" || !this.#reader.has(oid)) return;
    this.#state.set(oid, "known");
    const isQueued = this.#newQueued.delete(oid);
    // One that was given already goes through once more, for its parents' sake.
    if (!isQueued) this.#queue.push({ oid, ...readCommitLinks(this.#reader, oid) });
  }

  next(): HistoryNode | undefined {
    while (this.#newQueued.size > 0) {
      const top = this.#queue.pop();
      if (top === undefined) return undefined;
      if (this.#state.get(top.oid) === "known") {
        for (const parent of top.parents) this.addKnown(parent);
        continue;
      }
      this.#newQueued.delete(top.oid);
      for (const parent of top.parents) this.addNew(parent);
      return top;
    }
    return undefined;
  }
}
