import { LullError } from "../base/errors.ts";
import type { BareContent } from "./git.ts";
import { compareTrees } from "./history/compare-trees.ts";
import type { Oid } from "./model.ts";
import { readCommitLinks } from "./objects/commit-object.ts";
import { openObjectStore } from "./objects/object-store.ts";
import { findRepository } from "./refs/find-repository.ts";
import { readRef } from "./refs/ref-store.ts";
import { unsupportedVersion } from "./refs/repository-format.ts";
import { readRemotes } from "./repository-config/remotes.ts";
import { loadLocalConfig } from "./repository-config/load-config.ts";

/**
 * Looks at a repository without files beside it. Never writes.
 * @throws LullError `NOT_A_REPOSITORY`, `UNSUPPORTED_REPOSITORY` (kind `unsafe`), and those of damaged objects
 */
export function readBare(directory: string): BareContent {
  const found = findRepository(directory);
  if (found.kind !== "bare") {
    throw new LullError({
      kind: "unsafe",
      code: "NOT_A_REPOSITORY",
      message: `${directory} is not a bare git repository`,
      hint: "check the path",
      data: { path: directory },
    });
  }
  const { gitDirectory } = found;
  const config = loadLocalConfig(gitDirectory);
  const unsupported = unsupportedVersion(config);
  if (unsupported !== undefined) {
    const { feature, hint } = unsupported;
    const message = `${directory} can not be read: ${feature}`;
    throw new LullError({ kind: "unsafe", code: "UNSUPPORTED_REPOSITORY", message, hint });
  }
  const commit = headCommit(gitDirectory);
  return {
    files: commit === undefined ? [] : filesOf(gitDirectory, commit),
    remotes: readRemotes(config),
    workTree: config.get("core.worktree"),
  };
}

function headCommit(gitDirectory: string): Oid | undefined {
  const head = readRef(gitDirectory, "HEAD");
  const target = head?.kind === "symbolic" ? readRef(gitDirectory, head.target) : head;
  return target?.kind === "symbolic" ? undefined : target?.oid;
}

function filesOf(gitDirectory: string, commit: Oid): BareContent["files"] {
  const store = openObjectStore(gitDirectory);
  try {
    const tree = readCommitLinks(store, commit).tree;
    return compareTrees(store, undefined, tree).flatMap(({ path, after }) =>
      after === undefined ? [] : [{ path, mode: after.mode }],
    );
  } finally {
    store.close();
  }
}
