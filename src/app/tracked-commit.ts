import type { RepoSource } from "../config/config.ts";
import type { Repository } from "../git/git.ts";
import type { Oid } from "../git/model.ts";
import { trackingName } from "../sync/tracking-name.ts";

/** Returns the main remote's commit of a branch as it was last seen, or undefined. */
export function trackedCommit(repository: Repository, source: RepoSource, branch: string): Oid | undefined {
  const [main] = source.remotes;
  if (main === undefined) return undefined;
  return repository.readRef(`refs/remotes/${trackingName(main, repository.remotes())}/${branch}`);
}
