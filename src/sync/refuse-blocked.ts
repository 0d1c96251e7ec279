/** When a path that a checkout held back is a person's to decide about. */
import { LullError } from "../base/errors.ts";
import type { RepoSource } from "../config/config.ts";
import { displayPath } from "../git/paths.ts";
import type { RunContext } from "./run-context.ts";

/**
 * A path that was held back and did not turn up as a change cannot be taken in by another round: it is ignored
 * by the folder's own rules, or can not be written. Only the person can decide. It may also have been their own git
 * that committed the change, or that replaced the file in that moment: that is worth another round.
 */
export function refuseBlocked({ recorder, repository, branch, source }: RunContext): void {
  const [first] = recorder.blocked;
  if (first === undefined || repository.readRef(branch) !== recorder.blockedAt) return;
  const uncommitted = blockedByUncommitted(recorder);
  if (uncommitted !== undefined)
    throw uncommittedChanges(source, {
      path: uncommitted,
      message: `${uncommitted} has edits that are in no commit, and the remote changed it as well`,
      again: "the next sync merges",
    });
  if (++recorder.roundsInVain < 2) return;
  throw new LullError({
    kind: "conflict",
    code: "CHECKOUT_BLOCKED",
    message: `${first.path} can not be updated: ${first.reason}`,
    causes: [
      "an ignored file of yours stands where the remote has a file",
      "a guard leaves your version of it out of the commits (`lull allow NAME --list`)",
      "a folder or file is write-protected",
    ],
    hint: "move it away or mend its rights, then run `lull sync` again; nothing was changed",
    data: { path: first.path, paths: recorder.blocked.length },
  });
}

/** The first held-back path that is changed and left to the person, as people write it. */
export function blockedByUncommitted({
  blocked,
  uncommitted,
}: Pick<RunContext["recorder"], "blocked" | "uncommitted">): string | undefined {
  const left = new Set(uncommitted.map(({ path }) => displayPath(path)));
  return blocked.find(({ path }) => left.has(path))?.path;
}

/** @param told `again`: what follows once they are committed */
export function uncommittedChanges(
  source: RepoSource,
  told: { readonly path: string; readonly message: string; readonly again: string },
): LullError {
  return new LullError({
    kind: "conflict",
    code: "UNCOMMITTED",
    message: told.message,
    causes: [`${source.name} has auto_commit: false, which leaves your edits to you`],
    hint: `commit them with git, or let lull do it: \`lull config set sources.${source.name}.auto_commit true\`; ${told.again}; nothing was changed`,
    data: { path: told.path },
  });
}
