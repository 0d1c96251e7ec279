import type { ObjectReader, Oid } from "../model.ts";
import { historyOf } from "./commit-walk.ts";

/** Returns how many commits are reachable from one, itself included. */
export function countCommits(reader: ObjectReader, from: Oid, signal?: AbortSignal): number {
  const nodeOf = historyOf(reader, signal);
  const seen = new Set<Oid>([from]);
  const pending = [from];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    for (const parent of nodeOf(oid).parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      pending.push(parent);
    }
  }
  return seen.size;
}
