import type { Oid } from "../model.ts";

type Node = { readonly oid: Oid; readonly parents: readonly Oid[] };

/**
 * Orders commits so that each comes after those of its parents that are among them. Who compares each tree with its
 * parents' and skips what is equal needs this order: newest first, a commit that takes back its parent's change
 * would skip what the parent has, and the parent what its child was said to have.
 */
export function parentsFirst<T extends Node>(commits: readonly T[]): readonly T[] {
  const waiting = new Map(commits.map((commit) => [commit.oid, commit]));
  const ordered: T[] = [];
  const done = new Set<Oid>();
  for (const start of commits) {
    const stack = [start];
    for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
      const isFirstVisit = waiting.delete(node.oid);
      const parents = isFirstVisit ? node.parents.flatMap((parent) => waiting.get(parent) ?? []) : [];
      if (parents.length > 0) {
        stack.push(...parents);
        continue;
      }
      stack.pop();
      if (!done.has(node.oid)) ordered.push(node);
      done.add(node.oid);
    }
  }
  return ordered;
}
