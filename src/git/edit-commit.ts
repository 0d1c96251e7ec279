import type { EditCommitInput } from "./git.ts";
import { editTree } from "./merge/edit-tree.ts";
import { type FileVersion, MODE, type Oid, type RepoPath } from "./model.ts";
import { readCommit, serializeCommit } from "./objects/commit-object.ts";
import { openObjectBatch } from "./objects/object-batch.ts";
import type { RepositoryParts } from "./repository-parts.ts";

/**
 * Stores a commit that differs from its parent at the given paths only. As a merge it is guarded from a `git repack`
 * until the checkout that brings the branch there; no ref, no index and no file changes.
 */
export function editCommit(parts: RepositoryParts, input: EditCommitInput): Oid {
  const { store, clock } = parts;
  const batch = openObjectBatch(store, { clock });
  try {
    const edits = new Map<RepoPath, FileVersion | undefined>();
    for (const [path, edit] of input.edits) {
      const content = edit !== undefined && "bytes" in edit ? batch.write("blob", edit.bytes) : undefined;
      if (content !== undefined) edits.set(path, { mode: edit?.mode ?? MODE.file, oid: content });
      else edits.set(path, edit !== undefined && "oid" in edit ? edit : undefined);
    }
    const commit = batch.write(
      "commit",
      serializeCommit({
        tree: editTree(batch, readCommit(store, input.parent).tree, edits),
        parents: [input.parent],
        author: input.author,
        committer: input.author,
        message: `${input.message.trimEnd()}\n`,
      }),
    );
    batch.finish();
    parts.guardMore(() => batch.discard());
    return commit;
  } catch (error) {
    batch.discard();
    throw error;
  }
}
