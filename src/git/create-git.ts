/** The engine behind the `Git` interface, in TypeScript on Bun alone; `compose.ts` is its only caller. */
import { DiskRepository } from "./disk-repository.ts";
import type { Git } from "./git.ts";
import { unifiedDiff } from "./merge/unified-diff.ts";
import { initRepository } from "./refs/init-repository.ts";
import { inspectRepository } from "./refs/inspect-repository.ts";
import { type GitOptions, RepositoryParts } from "./repository-parts.ts";
import { listRefs } from "./wire/list-refs.ts";

export function createGit(options: GitOptions): Git {
  return {
    init: (directory, wanted) => void initRepository(directory, wanted),
    inspect: (directory) => inspectRepository(directory, options.clock),
    open: (directory) => new DiskRepository(new RepositoryParts(directory, options)),
    listRemote: async (connection) => {
      const { list } = await listRefs(connection);
      return { refs: list.refs, head: list.head };
    },
    diffText: unifiedDiff,
  };
}
