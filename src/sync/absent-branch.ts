import { LullError } from "../base/errors.ts";
import { shortRef } from "../git/model.ts";
import type { RemoteSession } from "./remote-session.ts";
import type { RunContext } from "./run-context.ts";

/** More names than this help nobody. */
const SHOWN = 5;

/**
 * Nothing is committed here, and the remote has branches but not this one: "up to date" would be said for ever of a
 * folder that stays empty, mostly because one side calls its branch `main` and the other `master`.
 * @throws LullError `BRANCH_ABSENT` (kind `unsafe`)
 */
export function refuseAbsentBranch({ repository, branch }: RunContext, remote: RemoteSession): void {
  if (remote.seen !== undefined || repository.readRef(branch) !== undefined) return;
  const [first, ...others] = remote.branches;
  if (first === undefined) return;
  const names = [first, ...others].slice(0, SHOWN).map(shortRef);
  const more = others.length >= SHOWN ? ` and ${others.length + 1 - SHOWN} more` : "";
  throw new LullError({
    kind: "unsafe",
    code: "BRANCH_ABSENT",
    message: `${remote.name} has no branch ${shortRef(branch)}, and nothing is committed here; it has ${names.join(", ")}${more}`,
    causes: ["one side calls its main branch main and the other master"],
    hint: `check out the branch that is meant (git symbolic-ref HEAD ${first}), or put a file here: that makes the branch there`,
  });
}
