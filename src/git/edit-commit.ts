import type { EditCommitInput } from "./git.ts";
import { editTree } from "./merge/edit-tree.ts";
import { type FileVersion, MODE, type Oid, type RepoPath } from "./model.ts";
import { readCommitLinks } from "./objects/commit-object.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { storeCommit, writeCommit } from "./store-commit.ts";

/** Stores a commit that differs from its parent, which may be a merge that was made just now, at the given paths only. */
export function editCommit(parts: RepositoryParts, { parent, edits, message, author }: EditCommitInput): Oid {
  const { commit } = storeCommit(
    parts,
    (batch) => {
      const versions = new Map<RepoPath, FileVersion | undefined>();
      for (const [path, edit] of edits) {
        const content = edit !== undefined && "bytes" in edit ? batch.write("blob", edit.bytes) : undefined;
        if (content !== undefined) versions.set(path, { mode: edit?.mode ?? MODE.file, oid: content });
        else versions.set(path, edit !== undefined && "oid" in edit ? edit : undefined);
      }
      const tree = editTree(batch, readCommitLinks(parts.store, parent).tree, versions);
      return { commit: writeCommit(parts, batch, { tree, parents: [parent], author, message }) };
    },
    "guarded",
  );
  return commit;
}
