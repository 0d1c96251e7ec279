/**
 * Walks from the roots through the objects at hand, and through them only: what they name is marked as reached, gets
 * its number in the order from new to old, and the hash of its path. Objects elsewhere are not opened, so that the
 * work grows with what is to be packed and not with the repository. What is not reached this way may still be, by way
 * of an object in a pack that stays; `find-reachable.ts` finds out where that matters.
 */
import { CommitQueue } from "../history/commit-walk.ts";
import { MODE, type Oid } from "../model.ts";
import { parseCommitLinks } from "../objects/commit-object.ts";
import { nameHash } from "../objects/delta-search.ts";
import { parseTag } from "../objects/tag-object.ts";
import { nextTreeEntry } from "../objects/tree-object.ts";
import { TurnKeeper } from "../objects/turn-keeper.ts";
import type { ObjectContent } from "./object-content.ts";
import type { StoredObject, StoredObjects } from "./stored-objects.ts";

export type MarkInput = {
  readonly objects: StoredObjects;
  readonly content: ObjectContent;
  readonly signal: AbortSignal;
};

/** @param roots names of any kind of object; those that are not at hand are passed over */
export async function markReached(roots: Iterable<Oid>, input: MarkInput): Promise<void> {
  const walk = new MarkingWalk(input);
  const later: StoredObject[] = [];
  for (const oid of roots) {
    const object = input.objects.findOid(oid);
    // Commits first: only below them is it known where a tree lies.
    if (object?.kind === "tree" || object?.kind === "blob") later.push(object);
    else walk.addRoot(object);
  }
  await walk.run();
  for (const object of later) walk.addRoot(object);
  await walk.run();
}

const SLASH = Buffer.from("/");

class MarkingWalk {
  readonly #objects: StoredObjects;
  readonly #content: ObjectContent;
  readonly #turns: TurnKeeper;
  readonly #commits = new CommitQueue();
  /** Trees with the hash of their path, the next one last. */
  readonly #trees: { readonly tree: StoredObject; readonly hash: number }[] = [];
  #order: number;

  constructor({ objects, content, signal }: MarkInput) {
    this.#objects = objects;
    this.#content = content;
    this.#turns = new TurnKeeper(signal);
    // A second walk goes on after the first.
    this.#order = objects.all.filter(({ isReached }) => isReached).length;
  }

  addRoot(object: StoredObject | undefined): void {
    if (object === undefined || !this.#mark(object)) return;
    if (object.kind === "commit") this.#queue(object);
    else if (object.kind === "tree") this.#trees.push({ tree: object, hash: 0 });
    else if (object.kind === "tag")
      this.addRoot(this.#objects.findOid(parseTag(this.#content.read(object).bytes).object));
  }

  async run(): Promise<void> {
    await this.#walkTrees();
    for (let commit = this.#commits.pop(); commit !== undefined; commit = this.#commits.pop()) {
      for (const parent of commit.parents) this.addRoot(this.#objects.findOid(parent));
      this.addRoot(this.#objects.findOid(commit.tree));
      await this.#walkTrees();
      if (this.#turns.isDue(0)) await this.#turns.turn();
    }
  }

  async #walkTrees(): Promise<void> {
    for (let next = this.#trees.pop(); next !== undefined; next = this.#trees.pop()) {
      const { bytes } = this.#content.read(next.tree);
      const tree = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
      for (let at = 0; at < tree.length;) {
        const entry = nextTreeEntry(tree, at);
        at = entry.end;
        const object = this.#objects.find(tree, entry.end - 20);
        if (object === undefined || entry.mode === MODE.submodule || !this.#mark(object)) continue;
        const hash = nameHash(next.hash, tree, entry.nameStart, entry.nameEnd);
        object.nameHash = hash;
        if (object.kind === "tree") this.#trees.push({ tree: object, hash: nameHash(hash, SLASH) });
      }
      if (this.#turns.isDue(tree.length)) await this.#turns.turn();
    }
  }

  #queue(object: StoredObject): void {
    const { bytes } = this.#content.read(object);
    this.#commits.push({ oid: this.#objects.oidOf(object), ...parseCommitLinks(bytes) });
  }

  /** Returns false for one that was reached before. */
  #mark(object: StoredObject): boolean {
    if (object.isReached) return false;
    object.isReached = true;
    object.order = this.#order++;
    return true;
  }
}
