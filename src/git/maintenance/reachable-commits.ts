import { CommitQueue } from "../history/commit-walk.ts";
import { type Oid, ZERO_OID } from "../model.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { peelTag } from "../objects/tag-object.ts";

/** Answers which commits some tips reach; walks no further than the questions ask for, newest first. */
export class ReachableCommits {
  readonly #store: ObjectStore;
  readonly #queue = new CommitQueue();
  readonly #seen = new Set<Oid>();
  readonly #hasTips: boolean;

  constructor(store: ObjectStore, tips: readonly Oid[]) {
    this.#store = store;
    for (const tip of tips) {
      const commit = this.#commitOf(tip);
      if (commit !== undefined) this.#see(commit);
    }
    this.#hasTips = this.#seen.size > 0;
  }

  /**
   * As git judges a line of a reflog: a commit that no tip reaches is lost; what is no commit, or not there any more,
   * is not. Without any tip everything is.
   */
  isLost(oid: Oid): boolean {
    if (!this.#hasTips) return true;
    if (oid === ZERO_OID) return false;
    const commit = this.#commitOf(oid);
    if (commit === undefined) return false;
    while (!this.#seen.has(commit)) {
      const next = this.#queue.pop();
      if (next === undefined) return true;
      for (const parent of next.parents) this.#see(parent);
    }
    return false;
  }

  #see(oid: Oid): void {
    if (this.#seen.has(oid)) return;
    this.#seen.add(oid);
    this.#queue.push({ oid, ...readCommitLinks(this.#store, oid) });
  }

  #commitOf(oid: Oid): Oid | undefined {
    if (!this.#store.has(oid)) return undefined;
    const { oid: peeled, kind } = peelTag(this.#store, oid);
    return kind === "commit" ? peeled : undefined;
  }
}
