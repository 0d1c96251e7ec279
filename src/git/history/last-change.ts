import { entryAt } from "../objects/entry-at.ts";
import type { ObjectReader, Oid, RepoPath } from "../model.ts";
import { readCommit } from "../objects/commit-object.ts";
import { NewCommits } from "./new-commits.ts";

export type LastChangeInput = {
  readonly path: RepoPath;
  /** The side that is asked about. */
  readonly tip: Oid;
  /** What the other side has: changes in there are none of this side's. */
  readonly known: Oid;
};

/**
 * Returns when a side changed a path last (author's time, seconds since 1970 UTC), or undefined when none of its own
 * commits did. A merge counts when it made something that none of its parents has. A removal is a change.
 */
export function lastChange(reader: ObjectReader, { path, tip, known }: LastChangeInput): number | undefined {
  const commits = new NewCommits(reader);
  commits.addKnown(known);
  commits.addNew(tip);
  for (let node = commits.next(); node !== undefined; node = commits.next()) {
    const now = keyAt(reader, node.tree, path);
    const before = node.parents.map((parent) => keyAt(reader, readCommit(reader, parent).tree, path));
    const isChange = before.length === 0 ? now !== "" : !before.includes(now);
    if (isChange) return readCommit(reader, node.oid).author.seconds;
  }
  return undefined;
}

function keyAt(reader: ObjectReader, tree: Oid, path: RepoPath): string {
  const entry = entryAt(reader, tree, path);
  return entry === undefined ? "" : `${entry.mode} ${entry.oid}`;
}
