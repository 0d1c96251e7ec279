/** How the engine makes commits of the person's branch; savepoints and records of devices are none. */
import type { Commit, ObjectBatch, Oid } from "./model.ts";
import { serializeCommit } from "./objects/commit-object.ts";
import { openObjectBatch } from "./objects/object-batch.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { signCommit } from "./sign-commit.ts";

export type NewCommit = Pick<Commit, "tree" | "parents" | "author" | "message">;

/**
 * Writes a commit whose committer is its author, with a message that ends with one line break; signed where git's config
 * or that of the source says so.
 * @throws LullError as `signCommit`; then there is no commit
 */
export function writeCommit(
  parts: RepositoryParts,
  batch: ObjectBatch,
  { message, ...commit }: NewCommit,
): Oid {
  const whole = { ...commit, committer: commit.author, message: `${message.trimEnd()}\n` };
  return batch.write("commit", signCommit(parts, serializeCommit(whole), commit.author));
}

/**
 * Stores a commit that is made in memory. It is guarded from a `git repack` until the checkout that brings the branch
 * there; no ref, no index and no file changes. Nothing is stored when `make` makes none.
 * @param upon `guarded`: it goes on from a commit that only the guard of that one holds
 */
export function storeCommit<Made extends { readonly commit: Oid | undefined }>(
  parts: RepositoryParts,
  make: (batch: ObjectBatch) => Made,
  upon: "branch" | "guarded" = "branch",
): Made {
  const { store, clock } = parts;
  const batch = openObjectBatch(store, { clock });
  let isKept = false;
  try {
    const made = make(batch);
    if (made.commit === undefined) return made;
    batch.finish();
    isKept = true;
    if (upon === "guarded") parts.guardMore(() => batch.discard());
    else parts.guard(() => batch.discard());
    return made;
  } finally {
    if (!isKept) batch.discard();
  }
}
