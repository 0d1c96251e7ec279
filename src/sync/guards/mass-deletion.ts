import type { GuardLimits } from "../../config/config.ts";
import type { RepoPath } from "../../git/model.ts";
import { type Finding, firstPaths, markOf } from "./guards.ts";

export type DeletionFacts = {
  /** Files whose content would be nowhere any more; moved ones do not count. */
  readonly deleted: readonly RepoPath[];
  /** Files before. */
  readonly tracked: number;
  readonly limits: GuardLimits | undefined;
};

/** Of fewer files a third is no mass: two of three notes are soon deleted on purpose. */
const LEAST_FILES = 10;

export function massDeletion(facts: DeletionFacts): Finding | undefined {
  if (!isMassDeletion(facts.deleted.length, facts)) return undefined;
  const { deleted, tracked } = facts;
  return {
    guard: "deletions",
    message: `${deleted.length} of ${tracked} files would be deleted at the remotes (${firstPaths(deleted)})`,
    causes: [
      "a folder was emptied, moved away or not mounted",
      "another program tidied up, or removed what it should not",
    ],
    mark: markOf("deletions", deleted),
    figures: { deleted: deleted.length, of: tracked },
    heals: false,
  };
}

/** The same the other way round: what a remote brings would delete them here. */
export function incomingDeletion(facts: DeletionFacts & { readonly remote: string }): Finding | undefined {
  if (!isMassDeletion(facts.deleted.length, facts)) return undefined;
  const { deleted, tracked, remote } = facts;
  return {
    guard: "incoming-deletions",
    message: `${remote} would delete ${deleted.length} of ${tracked} files here (${firstPaths(deleted)})`,
    causes: ["another device deleted them, on purpose or by mistake", "the remote's branch was replaced"],
    mark: markOf("incoming-deletions", deleted),
    figures: { deleted: deleted.length, of: tracked },
    heals: false,
  };
}

/** @param deleted how many; counted roughly first, as only a mass is worth an exact look */
export function isMassDeletion(
  deleted: number,
  { tracked, limits }: Omit<DeletionFacts, "deleted">,
): boolean {
  if (limits === undefined || deleted === 0) return false;
  if (deleted > limits.files) return true;
  return tracked >= LEAST_FILES && deleted * 100 > limits.percent * tracked;
}
