import { throwIfAborted } from "../../base/abort.ts";
import type { LoggedCommit } from "../git.ts";
import type { ObjectReader, Oid } from "../model.ts";
import { readCommit } from "../objects/commit-object.ts";
import { ABORT_STRIDE, CommitQueue, type HistoryNode } from "./commit-walk.ts";

/**
 * How many commits beyond the limit are looked at, below a merge, before the order is fixed. A skewed clock can bring a
 * commit up before one of its children; a child that is more than this many commits late would be shown below its parent.
 */
const LOOKAHEAD = 256;

/** Returns the newest commits reachable from a commit, newest first, every commit before its parents. */
export function logCommits(
  reader: ObjectReader,
  from: Oid,
  limit: number,
  signal?: AbortSignal,
): readonly LoggedCommit[] {
  let count = 0;
  const read = (oid: Oid): LoggedCommit => {
    if (count++ % ABORT_STRIDE === 0) throwIfAborted(signal);
    const { tree, parents, author, committer, message } = readCommit(reader, oid);
    return { oid, tree, parents, author, committer, message };
  };
  const line: LoggedCommit[] = [];
  // Down to the first merge nothing is beside a commit that could have to come before it: no order to find.
  for (let next: Oid | undefined = from; next !== undefined && line.length < limit;) {
    const commit = read(next);
    if (commit.parents.length > 1) return [...line, ...belowMerge(read, commit, limit - line.length)];
    line.push(commit);
    [next] = commit.parents;
  }
  return line;
}

function belowMerge(
  read: (oid: Oid) => LoggedCommit,
  merge: LoggedCommit,
  limit: number,
): readonly LoggedCommit[] {
  const commits = new Map<Oid, LoggedCommit>([[merge.oid, merge]]);
  const nodes = new Map<Oid, HistoryNode>();
  // Taken apart once: links alone and the rest later would cost nearly twice as much.
  const nodeOf = (oid: Oid): HistoryNode => {
    let node = nodes.get(oid);
    if (node === undefined) {
      const commit = commits.get(oid) ?? read(oid);
      commits.set(oid, commit);
      node = { oid, tree: commit.tree, parents: commit.parents, seconds: commit.committer.seconds };
      nodes.set(oid, node);
    }
    return node;
  };
  const newest = newestNodes(nodeOf, merge.oid, limit + LOOKAHEAD);
  return childrenFirst(newest, nodeOf(merge.oid))
    .slice(0, limit)
    .flatMap(({ oid }) => commits.get(oid) ?? []);
}

function newestNodes(nodeOf: (oid: Oid) => HistoryNode, from: Oid, most: number): Map<Oid, HistoryNode> {
  const nodes = new Map<Oid, HistoryNode>();
  const queue = new CommitQueue();
  const seen = new Set<Oid>([from]);
  queue.push(nodeOf(from));
  while (nodes.size < most) {
    const node = queue.pop();
    if (node === undefined) break;
    nodes.set(node.oid, node);
    for (const parent of node.parents) {
      if (seen.has(parent)) continue;
      seen.add(parent);
      queue.push(nodeOf(parent));
    }
  }
  return nodes;
}

/** Newest first among those whose children have all been given out. */
function childrenFirst(nodes: ReadonlyMap<Oid, HistoryNode>, from: HistoryNode): HistoryNode[] {
  const waitingFor = new Map<Oid, number>();
  for (const { parents } of nodes.values()) {
    for (const parent of parents) waitingFor.set(parent, (waitingFor.get(parent) ?? 0) + 1);
  }
  const ordered: HistoryNode[] = [];
  const ready = new CommitQueue();
  ready.push(from);
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    ordered.push(node);
    for (const parent of node.parents) {
      const left = (waitingFor.get(parent) ?? 0) - 1;
      waitingFor.set(parent, left);
      const parentNode = nodes.get(parent);
      if (left === 0 && parentNode !== undefined) ready.push(parentNode);
    }
  }
  return ordered;
}
