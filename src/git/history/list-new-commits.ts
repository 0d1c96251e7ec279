import type { LoggedCommit } from "../git.ts";
import type { ObjectReader, Oid } from "../model.ts";
import { readCommit } from "../objects/commit-object.ts";
import { NewCommits } from "./new-commits.ts";

/** Returns commits that `tip` reaches and `known` does not, about newest first, at most `limit`. */
export function listNewCommits(
  reader: ObjectReader,
  tip: Oid,
  known: Oid | undefined,
  limit: number,
): readonly LoggedCommit[] {
  const walk = new NewCommits(reader);
  if (known !== undefined) walk.addKnown(known);
  walk.addNew(tip);
  const found: LoggedCommit[] = [];
  while (found.length < limit) {
    const node = walk.next();
    if (node === undefined) break;
    found.push({ ...readCommit(reader, node.oid), oid: node.oid });
  }
  return found;
}
