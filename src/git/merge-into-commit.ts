import type { MergeInput, MergeOutcome } from "./git.ts";
import { mergeCommits } from "./merge/merge-commits.ts";
import type { MergeDriver } from "./merge/merge-text.ts";
import type { RepoPath } from "./model.ts";
import { serializeCommit } from "./objects/commit-object.ts";
import { openObjectBatch } from "./objects/object-batch.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { workTreeConversion } from "./worktree/conversion.ts";

/**
 * Merges in memory and stores the result as a commit; no ref, no index and no file changes. What was stored is guarded
 * from a `git repack` until the checkout that brings the branch there.
 */
export function mergeIntoCommit(parts: RepositoryParts, input: MergeInput): MergeOutcome {
  const { store, clock } = parts;
  const batch = openObjectBatch(store, { clock });
  try {
    const merged = mergeCommits({
      reader: store,
      batch,
      ours: input.ours,
      theirs: input.theirs,
      resolve: input.resolve,
      driverFor: mergeDrivers(parts),
      signal: input.signal,
    });
    const commit = batch.write(
      "commit",
      serializeCommit({
        tree: merged.tree,
        parents: [input.ours, input.theirs],
        author: input.author,
        committer: input.author,
        message: `${input.message(merged.conflicts).trimEnd()}\n`,
      }),
    );
    batch.finish();
    parts.guard(() => batch.discard());
    return { commit, conflicts: merged.conflicts };
  } catch (error) {
    batch.discard();
    throw error;
  }
}

/** How each path is merged. As git: by the attributes that the work tree has while the merge is made. */
export function mergeDrivers(parts: RepositoryParts): (path: RepoPath) => MergeDriver {
  const { attributes } = workTreeConversion({
    root: parts.directory,
    gitDirectory: parts.gitDirectory,
    index: parts.index(),
    objects: parts.store,
    settings: parts.settings(),
  });
  return (path) => driverOf(attributes.of(path).get("merge"));
}

/** `merge=<name>` of a driver that only the person's git knows (a program) is merged as text, as git does without it. */
function driverOf(attribute: boolean | string | undefined): MergeDriver {
  if (attribute === false || attribute === "binary") return "binary";
  if (attribute === "union" || attribute === "ours") return attribute;
  return "text";
}
