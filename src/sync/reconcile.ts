import { safeText } from "../base/safe-text.ts";
import type { ResolvedConflict } from "../git/merge/merge-result.ts";
import { displayPath } from "../git/paths.ts";
import { type Oid, type RepoPath, shortRef } from "../git/model.ts";
import { authorOf } from "./author.ts";
import { checkOut } from "./check-out.ts";
import { localStamp } from "./commit-message.ts";
import { needsPerson, recordLines } from "./conflicts/conflict-record.ts";
import { resolverFor } from "./conflicts/strategies.ts";
import { keepDeleted } from "./keep-deleted.ts";
import type { RunConflict } from "./outcome.ts";
import type { RemoteSession } from "./remote-session.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Brings the fetched branch and the local one together. Fast-forward or a merge in memory, then the checkout.
 * Returns false when a file changed in the meantime: then the branch has not moved, and a new round takes the
 * person's edit in first.
 * @throws LullError `REF_CHANGED` when the person's own git moved the branch, or left it, in the meantime
 */
export function reconcile(context: RunContext, remote: RemoteSession, theirs: Oid): boolean {
  const { repository, branch, recorder } = context;
  const ours = repository.readRef(branch);
  if (ours === undefined) {
    const done = checkOut(context, {
      remote: remote.name,
      from: ours,
      target: theirs,
      reason: "lull: first checkout",
    });
    if (done) remote.received += repository.countCommits(theirs);
    return done;
  }
  const relation = repository.relate(ours, theirs);
  switch (relation.kind) {
    case "same":
    case "ahead":
      return true;
    case "behind": {
      const target = keepDeleted(context, ours, theirs);
      const done = checkOut(context, {
        remote: remote.name,
        from: ours,
        target,
        reason: "lull: fast-forward",
      });
      if (done) remote.received += relation.commits;
      return done;
    }
    case "diverged":
    case "unrelated": {
      recorder.step("merge", `${relation.ahead} here, ${relation.behind} there`);
      const merged = merge(context, remote, { ours, theirs });
      const target = keepDeleted(context, ours, merged.commit);
      const done = checkOut(context, { remote: remote.name, from: ours, target, reason: "lull: merge" });
      if (done) {
        remote.received += relation.behind;
        recorder.conflicts.push(
          ...merged.conflicts.map((conflict) => describeConflict(conflict, merged.commit)),
        );
      }
      return done;
    }
  }
}

function merge(
  context: RunContext,
  remote: RemoteSession,
  tips: { readonly ours: Oid; readonly theirs: Oid },
): { readonly commit: Oid; readonly conflicts: readonly ResolvedConflict[] } {
  const { repository, deps, options, source } = context;
  const branch = shortRef(context.branch);
  return repository.merge({
    ...tips,
    resolve: resolverFor({
      rules: source.conflicts,
      names: { device: deps.device, stamp: localStamp(deps.clock) },
      lastChange: (side, path) =>
        repository.lastChange({
          path,
          tip: tips[side],
          known: side === "ours" ? tips.theirs : tips.ours,
        }),
    }),
    message: (conflicts) =>
      [
        `Merge ${branch} of ${remote.name} into ${deps.device}`,
        ...conflictLines(conflicts, deps.device),
      ].join("\n"),
    author: authorOf(context),
    signal: options.signal,
  });
}

/** First for people, then for every lull that gets the merge. */
function conflictLines(conflicts: readonly ResolvedConflict[], device: string): readonly string[] {
  if (conflicts.length === 0) return [];
  const lines = conflicts.slice(0, MOST_LINES).map((conflict) => {
    const copy = conflict.copy === undefined ? "" : ` (${device}'s version: ${shown(conflict.copy)})`;
    return `- ${shown(conflict.path)}: ${conflict.reason}, kept ${conflict.kept}${copy}`;
  });
  const more = conflicts.length - lines.length;
  return [
    "",
    "Conflicts:",
    ...lines,
    ...(more > 0 ? [`- and ${more} more`] : []),
    "",
    ...recordLines(conflicts, device),
  ];
}

/** More names than this make a commit message unreadable. */
const MOST_LINES = 50;

/** A line break in a name must not forge a line of the record. */
function shown(path: RepoPath): string {
  return safeText(displayPath(path));
}

function describeConflict(conflict: ResolvedConflict, commit: Oid): RunConflict {
  const { path, reason, kept, copy, by: strategy = "engine" } = conflict;
  return {
    path: displayPath(path),
    reason,
    kept,
    copy: copy === undefined ? undefined : displayPath(copy),
    strategy,
    open: needsPerson({ kept, strategy }),
    commit,
  };
}
