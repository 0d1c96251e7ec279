/** One push of one branch: never by force, and the tracking ref follows when the remote has taken it. */
import { LullError } from "../../base/errors.ts";
import type { PushResult } from "../git.ts";
import { listRefs } from "../refs/ref-store.ts";
import type { ReflogEntry } from "../refs/reflog.ts";
import type { PushPackInput } from "./push-pack.ts";
import { pushPack } from "./push-pack.ts";
import { moveTracking } from "./tracking-refs.ts";

export type PushBranchInput = PushPackInput & {
  /** The remote's name, as in `refs/remotes/<name>/*`. */
  readonly remote: string;
  readonly gitDirectory: string;
  readonly reflog?: ReflogEntry | undefined;
};

/** @throws LullError as `pushPack` */
export async function pushBranch(input: PushBranchInput): Promise<PushResult> {
  const prefix = `refs/remotes/${input.remote}/`;
  const tracked = listRefs(input.gitDirectory, prefix, () => {});
  const result = await pushPack({
    ...input,
    expected: new Map([...tracked].map(([name, oid]) => [`refs/heads/${name.slice(prefix.length)}`, oid])),
    // The first look at the time zone takes 7 ms.
    whileWaiting: () => void input.reflog?.who,
  });
  const branch = /^refs\/heads\/(.+)$/.exec(input.ref)?.[1];
  if (result.kind !== "behind" && branch !== undefined) {
    const name = `refs/remotes/${input.remote}/${branch}`;
    try {
      moveTracking(input.gitDirectory, { name, next: input.commit, reflog: input.reflog });
    } catch (error) {
      // The push itself is done and must be reported so; the next fetch moves the tracking ref.
      if (!(error instanceof LullError)) throw error;
    }
  }
  return result;
}
