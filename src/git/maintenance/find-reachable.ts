import { MODE, type Oid } from "../model.ts";
import { readCommitLinks } from "../objects/commit-object.ts";
import type { ObjectStore } from "../objects/object-store.ts";
import { parseTag } from "../objects/tag-object.ts";
import { nextTreeEntry } from "../objects/tree-object.ts";
import { TurnKeeper } from "../objects/turn-keeper.ts";
import type { StoredObject, StoredObjects } from "./stored-objects.ts";

/**
 * Finds out which of the suspects are reachable after all, by walking everything that the roots reach in the whole
 * repository; ends early when all were found.
 * @param roots names of any kind of object; one that is not there has been pruned already (an old line of a reflog)
 * @returns those that nothing reaches
 * @throws LullError `OBJECT_MISSING` or `OBJECT_CORRUPT` for a hole in the history: then nothing may be judged
 */
export async function findUnreachable(
  suspects: readonly StoredObject[],
  roots: Iterable<Oid>,
  input: { readonly store: ObjectStore; readonly objects: StoredObjects; readonly signal: AbortSignal },
): Promise<readonly StoredObject[]> {
  const { store, objects } = input;
  const turns = new TurnKeeper(input.signal);
  const left = new Set(suspects);
  const seen = new Set<Oid>();
  const stack: Oid[] = [...roots].filter((oid) => store.has(oid));
  const see = (oid: Oid): void => {
    if (seen.has(oid)) return;
    seen.add(oid);
    stack.push(oid);
  };
  for (let oid = stack.pop(); oid !== undefined && left.size > 0; oid = stack.pop()) {
    const suspect = objects.findOid(oid);
    if (suspect !== undefined) left.delete(suspect);
    const { kind } = store.header(oid);
    if (kind === "blob") continue;
    if (turns.isDue(0)) await turns.turn();
    if (kind === "commit") {
      const { tree, parents } = readCommitLinks(store, oid);
      for (const next of [tree, ...parents]) see(next);
      continue;
    }
    const { bytes } = store.read(oid);
    if (kind === "tag") {
      see(parseTag(bytes).object);
      continue;
    }
    const tree = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let at = 0; at < tree.length;) {
      const entry = nextTreeEntry(tree, at);
      at = entry.end;
      if (entry.mode === MODE.directory) see(tree.toString("hex", entry.end - 20, entry.end));
      else if (entry.mode !== MODE.submodule) {
        const blob = objects.find(tree, entry.end - 20);
        if (blob !== undefined) left.delete(blob);
      }
    }
    if (turns.isDue(tree.length)) await turns.turn();
  }
  return [...left];
}
