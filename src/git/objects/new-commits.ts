import type { ObjectReader, Oid } from "../model.ts";
import { type CommitLinks, readCommitLinks } from "./commit-object.ts";

export type NewCommit = CommitLinks & { readonly oid: Oid };

type Queued = { readonly oid: Oid; readonly links: CommitLinks };

/**
 * Gives the commits that new tips reach and known ones do not, about newest first. Where clocks were wrong it may give
 * some known ones too, as git's own walk does.
 */
export class NewCommits {
  readonly #reader: ObjectReader;
  readonly #heap = new NewestFirst();
  readonly #state = new Map<Oid, "new" | "known">();
  /** New ones that wait in the heap: without any the walk is over. */
  readonly #newQueued = new Set<Oid>();

  constructor(reader: ObjectReader) {
    this.#reader = reader;
  }

  addNew(oid: Oid): void {
    if (this.#state.has(oid)) return;
    this.#state.set(oid, "new");
    this.#newQueued.add(oid);
    this.#heap.push({ oid, links: readCommitLinks(this.#reader, oid) });
  }

  addKnown(oid: Oid): void {
    if (this.#state.get(oid) === "known" || !this.#reader.has(oid)) return;
    this.#state.set(oid, "known");
    const isQueued = this.#newQueued.delete(oid);
    // One that was given already goes through once more, for its parents' sake.
    if (!isQueued) this.#heap.push({ oid, links: readCommitLinks(this.#reader, oid) });
  }

  next(): NewCommit | undefined {
    while (this.#newQueued.size > 0) {
      const top = this.#heap.pop();
      if (top === undefined) return undefined;
      if (this.#state.get(top.oid) === "known") {
        for (const parent of top.links.parents) this.addKnown(parent);
        continue;
      }
      this.#newQueued.delete(top.oid);
      for (const parent of top.links.parents) this.addNew(parent);
      return { oid: top.oid, ...top.links };
    }
    return undefined;
  }
}

/** A binary heap by committer time. */
class NewestFirst {
  readonly #items: Queued[] = [];

  push(item: Queued): void {
    let at = this.#items.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = this.#items[parent];
      if (above === undefined || above.links.seconds >= item.links.seconds) break;
      this.#items[at] = above;
      at = parent;
    }
    this.#items[at] = item;
  }

  pop(): Queued | undefined {
    const [top] = this.#items;
    const last = this.#items.pop();
    if (last === undefined || this.#items.length === 0) return top;
    let at = 0;
    for (;;) {
      const child = this.#largerChild(at);
      const below = this.#items[child];
      if (below === undefined || below.links.seconds <= last.links.seconds) break;
      this.#items[at] = below;
      at = child;
    }
    this.#items[at] = last;
    return top;
  }

  #largerChild(at: number): number {
    const left = this.#items[2 * at + 1]?.links.seconds ?? Number.NEGATIVE_INFINITY;
    const right = this.#items[2 * at + 2]?.links.seconds ?? Number.NEGATIVE_INFINITY;
    return right > left ? 2 * at + 2 : 2 * at + 1;
  }
}
