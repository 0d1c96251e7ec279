/** Which commits to name to a server, so that it finds the common history in one round. */
import { LullError } from "../../base/errors.ts";
import { CommitQueue, historyOf } from "../history/commit-walk.ts";
import type { ObjectReader, Oid } from "../model.ts";
import { peelTag } from "../objects/tag-object.ts";

/** As many as git names before it gives up without an answer; 13 KB of request. */
const MAX_HAVES = 256;

/**
 * Returns the tips themselves (annotated tags as what they name), then the newest commits below them.
 * @param tips most promising first: what was fetched from this very remote last time
 */
export function chooseHaves(reader: ObjectReader, tips: Iterable<Oid>, signal?: AbortSignal): Oid[] {
  const nodeOf = historyOf(reader, signal);
  const chosen = new Set<Oid>();
  const queue = new CommitQueue();
  const visited = new Set<Oid>();
  const enqueue = (oid: Oid): void => {
    if (visited.has(oid)) return;
    visited.add(oid);
    queue.push(nodeOf(oid));
  };
  for (const tip of tips) {
    if (chosen.size >= MAX_HAVES) break;
    const commit = commitOf(reader, tip);
    if (commit === undefined) continue;
    enqueue(commit);
    chosen.add(commit);
  }
  for (let node = queue.pop(); node !== undefined && chosen.size < MAX_HAVES; node = queue.pop()) {
    chosen.add(node.oid);
    for (const parent of node.parents) enqueue(parent);
  }
  return [...chosen];
}

/** A ref that points to nothing must not stop a fetch, which may be what brings the object back. */
function commitOf(reader: ObjectReader, tip: Oid): Oid | undefined {
  try {
    const { oid, kind } = peelTag(reader, tip);
    return kind === "commit" ? oid : undefined;
  } catch (error) {
    if (error instanceof LullError && error.code === "OBJECT_MISSING") return undefined;
    throw error;
  }
}
