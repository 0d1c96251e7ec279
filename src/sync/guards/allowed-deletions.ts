/**
 * A mass deletion that a person has allowed says so in its commit, so that the source's other devices need not be asked
 * one by one. The line vouches for what that commit itself deletes and for nothing else. Whoever can push could write it,
 * too; they could as well delete, and every device keeps a savepoint of what it had.
 */
import type { Repository } from "../../git/git.ts";
import type { Oid, RepoPath } from "../../git/model.ts";

const LINE = "Lull-Allowed: deletions";

export function withAllowance(message: string): string {
  return `${message.trimEnd()}\n\n${LINE}`;
}

export function hasAllowance(message: string): boolean {
  return message.split("\n").includes(LINE);
}

/** More commits at once than this are no ordinary sync: then a person is asked. */
const MOST_COMMITS = 1000;

/** What new commits delete with such a line. @param known what this device has */
export function allowedDeletions(
  repository: Pick<Repository, "newCommits" | "compare">,
  known: Oid,
  target: Oid,
): ReadonlySet<RepoPath> {
  const allowing = repository
    .newCommits(target, known, MOST_COMMITS)
    .filter(({ message, parents }) => parents.length === 1 && hasAllowance(message));
  return new Set(
    allowing.flatMap(({ oid, parents }) =>
      repository.compare(parents[0], oid).flatMap(({ path, after }) => (after === undefined ? [path] : [])),
    ),
  );
}
