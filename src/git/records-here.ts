import type { RecordLine } from "./git.ts";
import type { Oid } from "./model.ts";
import { readCommit } from "./objects/commit-object.ts";
import { listRefs, readRef } from "./refs/ref-store.ts";
import type { RepositoryParts } from "./repository-parts.ts";

/** Below it, by remote and id: the records that each remote had when it was asked last. */
export const HERE = "refs/lull/remotes/";

/** What a remote had when it was asked last, by id. */
export function recordsHere(parts: RepositoryParts, remote: string): ReadonlyMap<string, RecordLine> {
  const prefix = `${HERE}${remote}/`;
  const refs = listRefs(parts.gitDirectory, prefix, () => {});
  return new Map([...refs].map(([name, oid]) => [name.slice(prefix.length), lineOf(parts, oid)]));
}

/** What it had of one writer: a sync asks for its own only, and each costs a ref and an object. */
export function recordHere(parts: RepositoryParts, remote: string, id: string): RecordLine | undefined {
  const ref = readRef(parts.gitDirectory, `${HERE}${remote}/${id}`);
  return ref?.kind === "direct" ? lineOf(parts, ref.oid) : undefined;
}

function lineOf({ store }: RepositoryParts, oid: Oid): RecordLine {
  const { message, committer } = readCommit(store, oid);
  return { oid, message, at: committer.seconds * 1000 };
}
