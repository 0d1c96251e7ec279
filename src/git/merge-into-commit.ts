import type { MergeInput, MergeOutcome } from "./git.ts";
import { mergeCommits } from "./merge/merge-commits.ts";
import type { MergeDriver } from "./merge/merge-text.ts";
import type { RepoPath } from "./model.ts";
import type { RepositoryParts } from "./repository-parts.ts";
import { storeCommit, writeCommit } from "./store-commit.ts";
import { workTreeConversion } from "./worktree/conversion.ts";

/** Merges in memory and stores the result as a commit. */
export function mergeIntoCommit(parts: RepositoryParts, input: MergeInput): MergeOutcome {
  const { ours, theirs, author } = input;
  return storeCommit(parts, (batch) => {
    const { tree, conflicts } = mergeCommits({
      reader: parts.store,
      batch,
      ours,
      theirs,
      resolve: input.resolve,
      driverFor: mergeDrivers(parts),
      signal: input.signal,
    });
    const message = input.message(conflicts);
    return {
      commit: writeCommit(parts, batch, { tree, parents: [ours, theirs], author, message }),
      conflicts,
    };
  });
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
