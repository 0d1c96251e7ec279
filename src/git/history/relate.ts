import type { Relation } from "../git.ts";
import type { ObjectReader, Oid } from "../model.ts";
import { historyOf } from "./commit-walk.ts";
import { paintHistory, REACHED } from "./merge-base.ts";

/**
 * How far clocks of the machines that commit may disagree, in seconds, before a count could be too high. A day
 * covers wrong time zones; covering everything would mean to walk the whole history at every sync.
 */
const CLOCK_SKEW = 86_400;

/** Says how two commits relate. The kind is exact; the counts are, unless clocks were off by more than a day. */
export function relateCommits(reader: ObjectReader, ours: Oid, theirs: Oid, signal?: AbortSignal): Relation {
  if (ours === theirs) return { kind: "same" };
  const { bases, reached } = paintHistory(historyOf(reader, signal), [ours], theirs, CLOCK_SKEW);
  let ahead = 0;
  let behind = 0;
  for (const colours of reached.values()) {
    if (colours === REACHED.ours) ahead++;
    else if (colours === REACHED.theirs) behind++;
  }
  if (bases.length === 0) return { kind: "unrelated", ahead, behind };
  if (bases[0] === theirs) return { kind: "ahead", commits: ahead };
  if (bases[0] === ours) return { kind: "behind", commits: behind };
  return { kind: "diverged", ahead, behind, bases };
}
