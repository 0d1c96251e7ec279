/** `direction: push`: what the remote has and this device has not stays there. */
import { LullError } from "../base/errors.ts";
import type { Oid } from "../git/model.ts";
import { relationCounts } from "./relation-counts.ts";
import type { RemoteSession } from "./remote-session.ts";
import type { RunContext } from "./run-context.ts";

/**
 * Takes nothing in. A remote that only has more is left as it is; one that also lacks something can not get it without
 * losing what it has.
 * @throws LullError `REMOTE_AHEAD` (kind `conflict`)
 */
export function leaveThere(
  { repository, branch, source }: RunContext,
  remote: RemoteSession,
  theirs: Oid,
): void {
  const ours = repository.readRef(branch);
  if (ours === undefined) return;
  const relation = repository.relate(ours, theirs);
  const there = relationCounts(relation).behind;
  remote.kept = there === 0 ? undefined : { commits: there, where: "there" };
  if (relation.kind !== "diverged" && relation.kind !== "unrelated") return;
  const commits = relation.behind === 1 ? "1 commit" : `${relation.behind} commits`;
  throw new LullError({
    kind: "conflict",
    code: "REMOTE_AHEAD",
    message: `${remote.name} has ${commits} that this device does not have, and direction: push takes none`,
    causes: ["another device or program pushes to this branch as well"],
    hint: `take them in with \`lull config set sources.${source.name}.direction both\`; nothing was sent, and nothing is ever overwritten there`,
    data: { commits: relation.behind },
  });
}
