import type { ResolvedConflict } from "../git/merge/merge-result.ts";
import { displayPath } from "../git/paths.ts";
import { type Oid, shortRef } from "../git/model.ts";
import { authorOf } from "./author.ts";
import { localStamp } from "./commit-message.ts";
import { keepBoth } from "./conflict-strategy.ts";
import { checkOut } from "./check-out.ts";
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
      const done = checkOut(context, {
        remote: remote.name,
        from: ours,
        target: theirs,
        reason: "lull: fast-forward",
      });
      if (done) remote.received += relation.commits;
      return done;
    }
    case "diverged":
    case "unrelated": {
      recorder.step("merge", `${relation.ahead} here, ${relation.behind} there`);
      const merged = merge(context, remote, { ours, theirs });
      const done = checkOut(context, {
        remote: remote.name,
        from: ours,
        target: merged.commit,
        reason: "lull: merge",
      });
      if (done) {
        remote.received += relation.behind;
        recorder.conflicts.push(...merged.conflicts.map(describeConflict));
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
  const { repository, deps, options } = context;
  const branch = shortRef(context.branch);
  return repository.merge({
    ...tips,
    resolve: keepBoth({ device: deps.device, stamp: localStamp(deps.clock) }),
    message: (conflicts) =>
      [`Merge ${branch} of ${remote.name} into ${deps.device}`, ...conflictLines(conflicts)].join("\n"),
    author: authorOf(context),
    signal: options.signal,
  });
}

function conflictLines(conflicts: readonly ResolvedConflict[]): readonly string[] {
  if (conflicts.length === 0) return [];
  const lines = conflicts.map((conflict) => {
    const copy = conflict.copy === undefined ? "" : ` (this device's version: ${displayPath(conflict.copy)})`;
    return `- ${displayPath(conflict.path)}: ${conflict.reason}, kept ${conflict.kept}${copy}`;
  });
  return ["", "Conflicts:", ...lines];
}

function describeConflict(conflict: ResolvedConflict) {
  return {
    path: displayPath(conflict.path),
    reason: conflict.reason,
    kept: conflict.kept,
    copy: conflict.copy === undefined ? undefined : displayPath(conflict.copy),
  };
}
