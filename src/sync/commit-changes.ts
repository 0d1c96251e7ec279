import { displayPath } from "../git/paths.ts";
import type { WorkTreeChange, WorkTreeChanges } from "../git/worktree/changes.ts";
import { authorOf } from "./author.ts";
import { previewChanges } from "./guards/preview-changes.ts";
import { commitMessage } from "./commit-message.ts";
import { savepointOf } from "./savepoint-once.ts";
import type { RunContext } from "./run-context.ts";
import { noteUnsent } from "./squash/squash-unsent.ts";

/**
 * Scans the folder and commits what changed, so that everything of the person's is safe before the network is used.
 * With `auto_commit: false` it only looks. Returns whether anything was committed.
 */
export function commitChanges(context: RunContext): boolean {
  const { repository, recorder, options, source, guards } = context;
  if (!options.dryRun && repository.finishCheckout())
    recorder.step("checkout", "finished one that was interrupted");
  recorder.step("scan", source.directory);
  const found = repository.scan({ signal: options.signal, hints: recorder.takeHints() });
  if (!source.autoCommit) {
    leaveToPerson(context, found);
    return false;
  }
  const head = repository.readRef(context.branch);
  guards.beforeCommit(found, head);
  const admit = guards.judge(found.changes, head);
  const changes = guards.toJudge(found.changes);
  if (changes.length === 0 && (found.refreshed === 0 || options.dryRun)) {
    if (changes.length === 0) guards.committed();
    note(context, found);
    return false;
  }
  recorder.step("commit", `${changes.length} changed`);
  const carried = (): readonly WorkTreeChange[] => {
    const { heldBack } = guards;
    return changes.filter(({ path }) => !heldBack.has(path));
  };
  if (options.dryRun) {
    previewChanges(repository, changes, admit);
    note(context, found);
    const files = carried().length;
    if (files > 0) recorder.committed(undefined, files);
    return files > 0;
  }
  const commit = repository.commit({
    paths: changes.map((change) => change.path),
    message: () =>
      guards.signOff(
        commitMessage(source.message, {
          changes: carried(),
          device: context.deps.device,
          clock: context.deps.clock,
        }),
      ),
    author: authorOf(context),
    admit,
    signal: options.signal,
    savepoint: recorder.savepoint === undefined ? savepointOf(context) : undefined,
  });
  guards.committed();
  note(context, found);
  if (commit !== undefined) {
    recorder.committed(commit, carried().length);
    noteUnsent(context, commit);
  }
  return commit !== undefined;
}

/** With `auto_commit: false`: nothing is committed and no guard is asked, as nothing goes anywhere. */
function leaveToPerson({ recorder }: RunContext, found: WorkTreeChanges): void {
  recorder.uncommitted = found.changes;
  recorder.skippedPaths = found.skipped.map(({ path, reason }) => ({ path: displayPath(path), reason }));
}

/** What is in the folder and is not carried, and what a guard has to say of what is. */
function note({ recorder, guards }: RunContext, found: WorkTreeChanges): void {
  const { heldBack, leftOut } = guards;
  const guarded = leftOut.map(({ path, reason, guard }) => ({
    path,
    shown: { path: displayPath(path), reason, guard },
  }));
  recorder.skippedPaths = [
    ...found.skipped.map(({ path, reason }) => ({ path: displayPath(path), reason })),
    ...guarded.filter(({ path }) => heldBack.has(path)).map(({ shown }) => shown),
  ];
  // A further round finds its own, and those of the first are committed by then.
  const warned = guarded.filter(({ path }) => !heldBack.has(path)).map(({ shown }) => shown);
  recorder.warnings = [...recorder.warnings, ...warned];
}
