import type { Relation } from "../git.ts";
import type { ObjectReader, Oid } from "../model.ts";
import { historyOf, type HistoryNode } from "./commit-walk.ts";
import { paintHistory, REACHED } from "./merge-base.ts";

/** Says how two commits relate. Kind and counts are exact whatever the commit dates say. */
export function relateCommits(reader: ObjectReader, ours: Oid, theirs: Oid, signal?: AbortSignal): Relation {
  if (ours === theirs) return { kind: "same" };
  const nodeOf = historyOf(reader, signal);
  const { bases, reached } = paintHistory(nodeOf, [ours], theirs);
  const hidden = hiddenCommon(nodeOf, bases, reached);
  let ahead = 0;
  let behind = 0;
  for (const [oid, colours] of reached) {
    if (hidden.has(oid)) continue;
    if (colours === REACHED.ours) ahead++;
    else if (colours === REACHED.theirs) behind++;
  }
  if (bases.length === 0) return { kind: "unrelated", ahead, behind };
  if (bases[0] === theirs) return { kind: "ahead", commits: ahead };
  if (bases[0] === ours) return { kind: "behind", commits: behind };
  return { kind: "diverged", ahead, behind, bases };
}

/**
 * Finds commits that only one side seems to reach while in truth they lie below a base: painting ends before it comes
 * to them where a date is wrong. Walking the whole history would find them too, at every sync.
 *
 * What descends from a base is sound, for no best base lies below another. The rest came in from below the bases (an
 * old branch that was merged): of these the lowest are asked one by one, and what descends from a sound one is sound.
 */
function hiddenCommon(
  nodeOf: (oid: Oid) => HistoryNode,
  bases: readonly Oid[],
  reached: ReadonlyMap<Oid, number>,
): ReadonlySet<Oid> {
  const hidden = new Set<Oid>();
  if (bases.length === 0) return hidden;
  const oneSided = [...reached].filter(
    ([, colours]) => colours === REACHED.ours || colours === REACHED.theirs,
  );
  const children = childrenOf(oneSided.map(([oid]) => nodeOf(oid)));
  const sound = descendants(bases, children);
  const doubtful = new Set(oneSided.flatMap(([oid]) => (sound.has(oid) ? [] : [oid])));
  const left = new Map(
    [...doubtful].map((oid) => [
      oid,
      new Set(nodeOf(oid).parents.filter((parent) => doubtful.has(parent))).size,
    ]),
  );
  const lowest = [...doubtful].filter((oid) => left.get(oid) === 0);
  for (let oid = lowest.pop(); oid !== undefined; oid = lowest.pop()) {
    if (!paintHistory(nodeOf, bases, oid).bases.includes(oid)) continue;
    hidden.add(oid);
    for (const child of children.get(oid) ?? []) {
      const parents = (left.get(child) ?? 0) - 1;
      left.set(child, parents);
      if (parents === 0 && doubtful.has(child)) lowest.push(child);
    }
  }
  return hidden;
}

function childrenOf(nodes: readonly HistoryNode[]): ReadonlyMap<Oid, readonly Oid[]> {
  const children = new Map<Oid, Oid[]>();
  for (const { oid, parents } of nodes) {
    for (const parent of new Set(parents)) {
      const known = children.get(parent);
      if (known === undefined) children.set(parent, [oid]);
      else known.push(oid);
    }
  }
  return children;
}

function descendants(from: readonly Oid[], children: ReadonlyMap<Oid, readonly Oid[]>): ReadonlySet<Oid> {
  const found = new Set<Oid>();
  const pending = [...from];
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    for (const child of children.get(oid) ?? []) {
      if (found.has(child)) continue;
      found.add(child);
      pending.push(child);
    }
  }
  return found;
}
