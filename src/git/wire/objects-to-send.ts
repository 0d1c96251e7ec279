/** Which objects one side has to send so that the other has everything: reachable from the wants, not from the haves. */
import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import type { HistoryNode } from "../history/commit-walk.ts";
import { CommitQueue, historyOf } from "../history/commit-walk.ts";
import type { ObjectReader, Oid } from "../model.ts";
import { parentsFirst } from "../history/parents-first.ts";
import { peelTag } from "../objects/tag-object.ts";
import { parseTag } from "../objects/tag-object.ts";
import { TreeDifference } from "./tree-difference.ts";

export type Span = {
  /** Commits or annotated tags (to anything); all that they reach is here. */
  readonly wants: readonly Oid[];
  /** What the other side has, with all that it reaches. Names that are unknown here are left aside. */
  readonly haves: readonly Oid[];
  readonly signal?: AbortSignal | undefined;
};

export type ObjectsToSend = {
  /** Commits newest first, then tags, trees and blobs. */
  readonly oids: readonly Oid[];
  /** Says of an object that is not among them that the other side surely has it; true for few of all that it has. */
  readonly isThere: (oid: Oid) => boolean;
  /** The version that a tree or blob among them replaces, if it does: the other side has it, or it is among them. */
  readonly previousOf: (oid: Oid) => Oid | undefined;
};

/**
 * Never too few; a skewed commit date, or content that an older commit had already, may make it some too many.
 * @throws LullError `OBJECT_MISSING`, `OBJECT_CORRUPT`, `INTERRUPTED`
 */
export function objectsToSend(reader: ObjectReader, span: Span): ObjectsToSend {
  const nodeOf = historyOf(reader, span.signal);
  const starts = peelWants(reader, span.wants);
  const haves = peelHaves(reader, span.haves);
  const commits = commitsToSend(nodeOf, starts.commits, haves);
  const difference = new TreeDifference(reader);
  for (const commit of parentsFirst(commits)) {
    throwIfAborted(span.signal);
    difference.add(
      commit.tree,
      commit.parents.map((parent) => nodeOf(parent).tree),
    );
  }
  for (const { oid, kind } of starts.others) {
    if (kind === "tree") difference.add(oid, []);
    else difference.addBlob(oid);
  }
  const oids = [...commits.map((commit) => commit.oid), ...starts.tags, ...difference.found];
  return {
    oids,
    isThere: (oid) => difference.isKnown(oid),
    previousOf: (oid) => difference.previous(oid),
  };
}

const WANTED = 1;
const HAD = 2;

/**
 * Walks from both sides, newest first, until nothing that only the wants reach is left to look at. A commit that the
 * haves turn out to reach after it was passed drops out again, with all its ancestors that were passed.
 */
function commitsToSend(
  nodeOf: (oid: Oid) => HistoryNode,
  wants: readonly Oid[],
  haves: readonly Oid[],
): readonly HistoryNode[] {
  const marks = new Map<Oid, number>();
  const queue = new CommitQueue();
  const queued = new Map<Oid, number>();
  let undecided = 0;
  const countChange = (oid: Oid, before: number, after: number): void => {
    const times = queued.get(oid) ?? 0;
    if (before === WANTED) undecided -= times;
    if (after === WANTED) undecided += times;
  };
  const mark = (oid: Oid, bits: number): void => {
    const before = marks.get(oid) ?? 0;
    const after = before | bits;
    if (after === before) return;
    const node = bits === HAD && before === 0 ? tolerantNode(nodeOf, oid) : nodeOf(oid);
    if (node === undefined) return;
    marks.set(oid, after);
    countChange(oid, before, after);
    queue.push(node);
    queued.set(oid, (queued.get(oid) ?? 0) + 1);
    if (after === WANTED) undecided++;
  };
  for (const oid of wants) mark(oid, WANTED);
  for (const oid of haves) mark(oid, HAD);
  const passed: HistoryNode[] = [];
  const seen = new Set<Oid>();
  for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
    const bits = marks.get(node.oid) ?? 0;
    queued.set(node.oid, (queued.get(node.oid) ?? 1) - 1);
    if (bits === WANTED) undecided--;
    if (bits === WANTED && !seen.has(node.oid)) {
      seen.add(node.oid);
      passed.push(node);
    }
    // Both bits go down together: a parent of what the other side has, it has as well.
    for (const parent of node.parents) mark(parent, (bits & HAD) === 0 ? WANTED : HAD);
    if (undecided === 0) break;
  }
  return passed.filter(({ oid }) => marks.get(oid) === WANTED);
}

/** The other side's old commits may be here without their ancestors, after a `git gc`; then they only say less. */
function tolerantNode(nodeOf: (oid: Oid) => HistoryNode, oid: Oid): HistoryNode | undefined {
  try {
    return nodeOf(oid);
  } catch (error) {
    if (error instanceof LullError && error.code === "OBJECT_MISSING") return undefined;
    throw error;
  }
}

type Starts = {
  readonly commits: readonly Oid[];
  readonly tags: readonly Oid[];
  readonly others: readonly { readonly oid: Oid; readonly kind: "tree" | "blob" }[];
};

function peelWants(reader: ObjectReader, wants: readonly Oid[]): Starts {
  const commits = new Set<Oid>();
  const tags = new Set<Oid>();
  const others = new Map<Oid, { readonly oid: Oid; readonly kind: "tree" | "blob" }>();
  for (const want of wants) {
    for (let oid = want; ;) {
      const { kind } = reader.header(oid);
      if (kind === "tag") {
        tags.add(oid);
        oid = parseTag(reader.read(oid).bytes).object;
        continue;
      }
      if (kind === "commit") commits.add(oid);
      else others.set(oid, { oid, kind });
      break;
    }
  }
  return { commits: [...commits], tags: [...tags], others: [...others.values()] };
}

function peelHaves(reader: ObjectReader, haves: readonly Oid[]): readonly Oid[] {
  const commits = new Set<Oid>();
  for (const have of haves) {
    try {
      const { oid, kind } = peelTag(reader, have);
      if (kind === "commit") commits.add(oid);
    } catch (error) {
      if (!(error instanceof LullError && error.code === "OBJECT_MISSING")) throw error;
    }
  }
  return [...commits];
}
