import { LullError } from "../base/errors.ts";
import { displayPath } from "../git/paths.ts";
import type { SkippedPath } from "../git/worktree/changes.ts";
import { authorOf } from "./author.ts";
import { commitMessage } from "./commit-message.ts";
import { savepointOf } from "./savepoint-once.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Scans the folder and commits what changed, so that everything of the person's is safe before the network is used.
 * Returns whether there was anything to commit.
 */
export function commitChanges(context: RunContext): boolean {
  const { repository, recorder, options, source } = context;
  if (!options.dryRun && repository.finishCheckout())
    recorder.step("checkout", "finished one that was interrupted");
  recorder.step("scan", source.directory);
  const found = repository.scan({ signal: options.signal, hints: recorder.takeHints() });
  refuseFilters(found.skipped, source.directory);
  recorder.skippedPaths = found.skipped.map((entry) => ({
    path: displayPath(entry.path),
    reason: entry.reason,
  }));
  if (found.changes.length === 0 && (found.refreshed === 0 || options.dryRun)) return false;
  recorder.step("commit", `${found.changes.length} changed`);
  if (options.dryRun) {
    recorder.committed(undefined, found.changes.length);
    return true;
  }
  const message = commitMessage(source.message, {
    changes: found.changes,
    device: context.deps.device,
    clock: context.deps.clock,
  });
  const commit = repository.commit({
    paths: found.changes.map((change) => change.path),
    message,
    author: authorOf(context),
    signal: options.signal,
    savepoint: recorder.savepoint === undefined ? savepointOf(context) : undefined,
  });
  if (commit !== undefined) recorder.committed(commit, found.changes.length);
  return commit !== undefined;
}

/**
 * Files behind a filter (LFS, git-crypt) hold in git what a program makes of them; without it lull would commit the
 * wrong content, or a secret in clear. The whole source is refused before the first write, not only the path: a
 * commit without it would split what belongs together.
 */
function refuseFilters(skipped: readonly SkippedPath[], directory: string): void {
  const first = skipped.find((entry) => entry.reason === "filter");
  if (first === undefined) return;
  throw new LullError({
    kind: "unsafe",
    code: "UNSUPPORTED_REPOSITORY",
    message: `${directory} can not be synced: ${displayPath(first.path)} needs a program that lull does not run (see its .gitattributes)`,
    causes: ["Git LFS, git-crypt or another filter stores this file in another form"],
    hint: "commit such files with git itself, or take their rule out of .gitattributes",
    data: { path: displayPath(first.path) },
  });
}
