import { statSync } from "node:fs";

import type { Git, Repository, SignPolicy } from "./git.ts";

/** A repository holds an index in memory: as many as a process meets within a minute, not all that there are. */
const MOST = 8;

type Kept = { readonly repository: Repository; readonly identity: string; readonly sign: SignPolicy };

/**
 * Returns an engine for a process that stays: `open` gives the repository of the last time again, whose scans go on
 * from its last one. A folder that is another one now (moved away, cloned anew) is opened anew, and so is one whose commits
 * are to be signed in another way; who says nothing about that makes none.
 */
export function keepRepositories(git: Git): Git {
  const kept = new Map<string, Kept>();
  return {
    ...git,
    open(directory, options) {
      const known = kept.get(directory);
      kept.delete(directory);
      const sign = options?.sign ?? known?.sign ?? "auto";
      const repository =
        known !== undefined && known.identity === identityOf(known.repository) && sign === known.sign
          ? known.repository
          : git.open(directory, { sign });
      kept.set(directory, { repository, identity: identityOf(repository), sign });
      const [oldest] = kept.keys();
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest);
      return repository;
    },
  };
}

function identityOf({ directory, gitDirectory }: Repository): string {
  return [directory, gitDirectory]
    .map((path) => {
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
      return stat === undefined ? "gone" : `${stat.dev}.${stat.ino}.${stat.birthtimeNs}`;
    })
    .join(" ");
}
