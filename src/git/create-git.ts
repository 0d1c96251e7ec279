/** The engine behind the `Git` interface, in TypeScript on Bun alone; `compose.ts` is its only caller. */
import { DiskRepository } from "./disk-repository.ts";
import type { Git, OpenOptions, Repository } from "./git.ts";
import { unifiedDiff } from "./merge/unified-diff.ts";
import { initRepository } from "./refs/init-repository.ts";
import { inspectRepository } from "./refs/inspect-repository.ts";
import { type GitOptions, RepositoryParts } from "./repository-parts.ts";
import { readIndex } from "./worktree/index-file.ts";
import type { IndexTable } from "./worktree/index-table.ts";

export function createGit(options: GitOptions): Git {
  // Who looks at a repository mostly opens it next; its index is not read again for that.
  let looked: { readonly directory: string; readonly index: IndexTable } | undefined;
  const readAndKeep =
    (directory: string) =>
    (gitDirectory: string): IndexTable => {
      const index = readIndex(gitDirectory, { isUnverified: true });
      looked = { directory, index };
      return index;
    };
  const open = (directory: string, { sign }: OpenOptions = {}): Repository => {
    const index = looked?.directory === directory ? looked.index : undefined;
    looked = undefined;
    return new DiskRepository(new RepositoryParts(directory, options, { index, sign }));
  };
  return {
    init: (directory, wanted) => void initRepository(directory, wanted),
    inspect: (directory) => inspectRepository(directory, options.clock, readAndKeep(directory)),
    open,
    listRemote: async (connection, { onAsked } = {}) => {
      const { listRefs } = await import("./wire/list-refs.ts");
      const asked = listRefs(connection);
      onAsked?.();
      const listing = await asked;
      return { refs: listing.list.refs, head: listing.list.head, listing };
    },
    verifyBare: async (directory, input) => {
      const [{ servedGitDirectory }, { verifyBare }] = await Promise.all([
        import("./serve/served-repository.ts"),
        import("./verify/verify-repository.ts"),
      ]);
      return verifyBare(servedGitDirectory(directory), input);
    },
    readBare: async (directory) => (await import("./read-bare.ts")).readBare(directory),
    diffText: unifiedDiff,
  };
}
