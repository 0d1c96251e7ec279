import { LullError } from "../../base/errors.ts";
import { redactUrl } from "../../base/redact-url.ts";
import type { RemoteConfig } from "../../config/config.ts";
import type { Connection, Relation, RemoteListing, Repository, VerifyResult } from "../../git/git.ts";
import { type Oid, shortRef } from "../../git/model.ts";
import type { RunError } from "../outcome.ts";
import { toRunError } from "../run-error.ts";
import type { SyncDeps } from "../run-context.ts";
import { trackingName } from "../tracking-name.ts";

/** How a remote's branch stands to ours. */
export type RemoteStanding =
  | Relation
  /** It has commits that are not here yet; only a fetch can tell more. */
  | { readonly kind: "news" }
  /** The remote has no such branch. */
  | { readonly kind: "absent" }
  /** There is no branch or no commit here to compare with. */
  | { readonly kind: "unknown" };

export type RemoteVerification = {
  readonly name: string;
  readonly url: string;
  readonly standing: RemoteStanding | undefined;
  /** Branches of which the remote no longer has what was seen or sent there last. */
  readonly lost: readonly LostBranch[];
  /** For a remote that is a folder of this machine: the full check of it. */
  readonly folder: VerifyResult | undefined;
  /** It could not be asked, or its folder not be checked. */
  readonly error: RunError | undefined;
};

export type LostBranch = {
  readonly branch: string;
  /** The commit that it had. */
  readonly had: Oid;
  /** Undefined: the branch is gone. */
  readonly has: Oid | undefined;
};

export type RemoteInput = {
  readonly deps: Pick<SyncDeps, "git" | "connect">;
  readonly repository: Repository;
  readonly remote: RemoteConfig;
  /** Full name; undefined: none is checked out. */
  readonly branch: string | undefined;
  /** The folder that the remote is, if it is one. */
  readonly folder: string | undefined;
  readonly signal: AbortSignal;
};

/** Asks a remote what it has, compares that with what is here and with what it had, and checks it if it is a folder. */
export async function verifyRemote(input: RemoteInput): Promise<RemoteVerification> {
  const { deps, remote, signal, folder } = input;
  const base = { name: remote.name, url: redactUrl(remote.url) };
  let connection: Connection | undefined;
  try {
    connection = await deps.connect(remote.url, signal);
    const listed = await deps.git.listRemote(connection);
    const found = { standing: standingOf(input, listed), lost: lostBranches(input, listed) };
    const checked = folder === undefined ? undefined : await deps.git.verifyBare(folder, { signal });
    return { ...base, ...found, folder: checked, error: undefined };
  } catch (error) {
    if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
    const none = { standing: undefined, lost: [], folder: await folderOf(input) };
    return { ...base, ...none, error: toRunError(error) };
  } finally {
    await connection?.close();
  }
}

/** One that does not answer may be damaged: then that is what there is to say. */
async function folderOf({ deps, folder, signal }: RemoteInput): Promise<VerifyResult | undefined> {
  if (folder === undefined) return undefined;
  try {
    return await deps.git.verifyBare(folder, { signal });
  } catch (error) {
    if (!(error instanceof LullError) || error.kind === "interrupted") throw error;
    return undefined;
  }
}

function standingOf({ repository, branch }: RemoteInput, listed: RemoteListing): RemoteStanding {
  const ours = branch === undefined ? undefined : tolerant(() => repository.readRef(branch));
  if (branch === undefined || ours === undefined) return { kind: "unknown" };
  const theirs = listed.refs.get(branch);
  if (theirs === undefined) return { kind: "absent" };
  if (!repository.has(theirs)) return { kind: "news" };
  return tolerant(() => repository.relate(ours, theirs)) ?? { kind: "unknown" };
}

/**
 * A branch that went back or away: somebody took commits from it by force, or the remote lost them. What it has and is
 * not here yet may well hold all that it had.
 */
function lostBranches({ repository, remote }: RemoteInput, listed: RemoteListing): readonly LostBranch[] {
  const known = tolerant(() => repository.remotes()) ?? [];
  const tracking = `refs/remotes/${trackingName(remote, known)}/`;
  const seen = tolerant(() => repository.branchesBelow(tracking)) ?? [];
  return seen.flatMap(({ name, commit: had }) => {
    const has = listed.refs.get(`refs/heads/${name}`);
    if (has === had || name === "HEAD") return [];
    if (has !== undefined && !repository.has(has)) return [];
    const relation = has === undefined ? undefined : tolerant(() => repository.relate(had, has));
    return relation?.kind === "behind" ? [] : [{ branch: shortRef(`refs/heads/${name}`), had, has }];
  });
}

/** What is damaged here was found by the check of this repository. */
function tolerant<Result>(look: () => Result): Result | undefined {
  try {
    return look();
  } catch (error) {
    if (error instanceof LullError) return undefined;
    throw error;
  }
}
