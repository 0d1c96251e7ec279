/** `squash: true`: lull's own commits that nobody has seen become one before they are sent. */
import type { FileDifference } from "../../git/git.ts";
import type { Commit, Oid } from "../../git/model.ts";
import type { WorkTreeChange } from "../../git/worktree/changes.ts";
import { authorOf } from "../author.ts";
import { commitMessage } from "../commit-message.ts";
import { hasAllowance } from "../guards/allowed-deletions.ts";
import type { RunContext } from "../run-context.ts";
import { takeSavepointOnce } from "../savepoint-once.ts";
import { readUnsent, writeUnsent } from "./unsent-commits.ts";

/** After each automatic commit. */
export function noteUnsent({ source, repository }: RunContext, commit: Oid): void {
  if (!source.squash) return;
  writeUnsent(repository.gitDirectory, [...readUnsent(repository.gitDirectory), commit]);
}

/** Right before a push. */
export function forgetUnsent({ source, repository }: RunContext): void {
  if (source.squash && readUnsent(repository.gitDirectory).length > 0)
    writeUnsent(repository.gitDirectory, []);
}

/**
 * Replaces the automatic commits at the end of the branch by one with the same files, as far down as nobody else has
 * them: no remote, no other branch, no tag. Merges stay, and what is below them: they hold versions that lost a conflict.
 * No file changes; the commits stay reachable from the savepoint and from the branch's log.
 */
export function squashUnsent(context: RunContext): void {
  const { source, repository, branch, recorder } = context;
  if (!source.squash) return;
  const tip = repository.readRef(branch);
  const unsent = new Set(readUnsent(repository.gitDirectory));
  if (tip === undefined || !unsent.has(tip) || unsent.size < 2) return;
  const run = ownRun(context, tip, unsent);
  if (run.commits.length < 2) return;
  const differences = repository.compare(run.base, tip);
  // What takes itself back leaves nothing to say in one commit.
  if (differences.length === 0) return;
  takeSavepointOnce(context);
  recorder.step("commit", `${run.commits.length} unsent commits become one`);
  const commit = oneCommit(context, run.base, differences);
  const from = { branch, commit: tip };
  const reason = `lull: squash ${run.commits.length} commits`;
  const { kind } = repository.checkout({ from, target: commit, reason, signal: context.options.signal });
  if (kind !== "done") return;
  recorder.squashed(commit);
  writeUnsent(repository.gitDirectory, [commit]);
}

type OwnRun = {
  /** Newest first. */
  readonly commits: readonly Oid[];
  /** What the oldest stands on; undefined: nothing. */
  readonly base: Oid | undefined;
};

function ownRun(context: RunContext, tip: Oid, unsent: ReadonlySet<Oid>): OwnRun {
  const { repository } = context;
  const commits: Oid[] = [];
  let base: Oid | undefined = tip;
  while (base !== undefined && unsent.has(base)) {
    const { parents, message }: Pick<Commit, "parents" | "message"> = repository.readCommit(base);
    // What was allowed is what this commit deletes, and not what others beside it do.
    if (parents.length > 1 || hasAllowance(message)) break;
    commits.push(base);
    [base] = parents;
  }
  const others = otherTips(context);
  for (let oldest = commits.at(-1); oldest !== undefined; oldest = commits.at(-1)) {
    if (!isHeld(context, oldest, others)) break;
    base = commits.pop();
  }
  return { commits, base };
}

/** Of all branches, remotes and tags but the branch itself. Savepoints only keep what was, and hinder nothing. */
function otherTips({ repository, branch }: RunContext): readonly Oid[] {
  const refs = ["refs/heads/", "refs/remotes/", "refs/tags/"].flatMap((prefix) =>
    repository.branchesBelow(prefix).map(({ name }) => `${prefix}${name}`),
  );
  const tips = refs.filter((ref) => ref !== branch).flatMap((ref) => repository.findRevision(ref) ?? []);
  return [...new Set(tips)];
}

function isHeld({ repository }: RunContext, commit: Oid, others: readonly Oid[]): boolean {
  const madeAt = repository.readCommit(commit).committer.seconds;
  return others.some((other) => {
    // What is older can not stand upon it; asking all tags of a long history would take seconds.
    if (repository.readCommit(other).committer.seconds < madeAt) return false;
    const { kind } = repository.relate(commit, other);
    return kind === "same" || kind === "behind";
  });
}

function oneCommit(context: RunContext, base: Oid | undefined, differences: readonly FileDifference[]): Oid {
  const { repository, source, deps, options } = context;
  const { device, clock } = deps;
  const { commit } = repository.takeBack({
    on: base,
    change: { kind: "files", files: new Map(differences.map(({ path, after }) => [path, after])) },
    message: commitMessage(source.message, { changes: differences.map(changeOf), device, clock }),
    author: authorOf(context),
    evenIfSame: false,
    dryRun: false,
    signal: options.signal,
  });
  if (commit === undefined) throw new Error("a commit with differences has no name");
  return commit;
}

function changeOf({ path, before, after }: FileDifference): WorkTreeChange {
  return { path, kind: before === undefined ? "added" : after === undefined ? "deleted" : "modified" };
}
