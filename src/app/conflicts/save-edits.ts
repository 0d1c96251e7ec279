import { safeText } from "../../base/safe-text.ts";
import type { RepoSource } from "../../config/config.ts";
import type { Repository, SavepointNote } from "../../git/git.ts";
import type { RepoPath, Signature } from "../../git/model.ts";
import { displayPath } from "../../git/paths.ts";
import type { ConflictRecord } from "../../sync/conflicts/conflict-record.ts";
import { uncommittedChanges } from "../../sync/refuse-blocked.ts";
import type { Context } from "../deps.ts";

type Place = {
  readonly source: RepoSource;
  readonly repository: Repository;
  readonly record: ConflictRecord;
};

export type SavedEdits = {
  readonly files: number;
  /** The savepoint that was taken before them. */
  readonly savepoint: string | undefined;
};

/**
 * What the person wrote into the files of the conflict gets a commit of its own, before any of them is replaced.
 * @throws LullError `UNCOMMITTED` (kind `conflict`) where edits may not be committed
 */
export function saveEdits(
  { source, repository, record }: Place,
  { author, dryRun }: { readonly author: Signature; readonly dryRun: boolean },
  { signal }: Context,
): SavedEdits {
  const concerned: readonly (RepoPath | undefined)[] = [record.path, record.copy];
  const changed = repository
    .scan({ signal })
    .changes.map(({ path }) => path)
    .filter((path) => concerned.includes(path));
  if (changed.length === 0 || dryRun) return { files: changed.length, savepoint: undefined };
  if (!source.autoCommit) {
    const path = displayPath(changed[0] ?? record.path);
    throw uncommittedChanges(source, {
      path,
      message: `${path} has edits that are in no commit`,
      again: "then run `lull resolve` again",
    });
  }
  let savepoint: string | undefined;
  repository.commit({
    paths: changed,
    message: `Edits in ${safeText(displayPath(record.path))} before its conflict was resolved`,
    author,
    signal,
    savepoint: {
      ...noteOf(source),
      taken: ({ name }) => {
        savepoint = name;
      },
    },
  });
  return { files: changed.length, savepoint };
}

export function noteOf({ name }: RepoSource): SavepointNote {
  return { source: name, before: "a resolve" };
}
