import type { CheckoutResult } from "../git/git.ts";
import type { FileVersion, Oid, RepoPath } from "../git/model.ts";
import { displayPath } from "../git/paths.ts";
import { localStamp } from "./commit-message.ts";
import { conflictCopyPath } from "./conflicts/copy-path.ts";
import type { RunContext } from "./run-context.ts";

type Blocked = Extract<CheckoutResult, { readonly kind: "blocked" }>["paths"];

export type SetAside = {
  readonly path: RepoPath;
  readonly copy: RepoPath;
  /** What the copy holds. */
  readonly version: FileVersion;
};

/**
 * A file that a guard leaves out of the commits has no version here that could be merged with the remote's. So that one
 * such path does not hold back all others, it is kept as a conflict is: the remote's version gets the path, this
 * device's is beside it, and is left out there as well. To write only the other files would be wrong: the file would
 * become a change to what the remote has, and take its edit back as soon as it may be committed.
 *
 * Returns what may be replaced now; nothing when another path blocks as well, of which the next round knows more.
 * @param target what is to be checked out
 */
export function setAside(context: RunContext, blocked: Blocked, target: Oid): readonly SetAside[] {
  if (!blocked.every(({ path }) => context.guards.heldBack.has(path))) return [];
  return blocked.flatMap(({ path }) => copyBeside(context, path, target) ?? []);
}

/** The name may be taken, or the file change right now. */
const ATTEMPTS = 5;

function copyBeside(
  { repository, deps, options }: RunContext,
  path: RepoPath,
  target: Oid,
): SetAside | undefined {
  const stamp = localStamp(deps.clock);
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const numbered = attempt === 1 ? stamp : `${stamp}-${attempt}`;
    const copy = conflictCopyPath(path, { device: deps.device, stamp: numbered });
    // A merge may have put the version that was committed here beside the remote's.
    if (repository.versionAt(target, copy) !== undefined) continue;
    const version = repository.keepAside({ path, copy, signal: options.signal });
    if (version !== undefined) return { path, copy, version };
  }
  return undefined;
}

/** The paths have the new versions now: what was said of them is said of the copies. */
export function noteSetAside({ guards, recorder }: RunContext, aside: readonly SetAside[]): void {
  const guardOf = new Map(guards.leftOut.map(({ path, guard }) => [path, guard]));
  const copies = new Map(aside.map(({ path, copy }) => [displayPath(path), displayPath(copy)]));
  recorder.skippedPaths = recorder.skippedPaths.map((skipped) => {
    const copy = copies.get(skipped.path);
    return copy === undefined ? skipped : { ...skipped, path: copy };
  });
  const warnings = aside.map(({ path, copy }) => {
    const guard = guardOf.get(path);
    const reason = `another version came in; yours, which is left out, is now ${displayPath(copy)}`;
    return { path: displayPath(path), reason, ...(guard === undefined ? {} : { guard }) };
  });
  recorder.warnings = [...recorder.warnings, ...warnings];
  for (const { path, copy } of aside) guards.setAside(path, copy);
}
