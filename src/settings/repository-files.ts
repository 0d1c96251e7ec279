import type { Repository } from "../git/git.ts";
import type { FileVersion, Oid, RepoPath } from "../git/model.ts";
import { repoPath } from "../git/paths.ts";
import { type Modes, MODES_FILE, parseModes } from "./modes-file.ts";

/** What the managed repository has in one commit. */
export type RepositoryFiles = {
  readonly versions: ReadonlyMap<RepoPath, FileVersion>;
  readonly modes: Modes;
};

export function filesAt(repository: Repository, commit: Oid): RepositoryFiles {
  const versions = new Map<RepoPath, FileVersion>();
  for (const { path, after } of repository.compare(undefined, commit))
    if (after !== undefined) versions.set(path, after);
  const note = versions.get(repoPath(MODES_FILE));
  const text = note === undefined ? "" : Buffer.from(repository.readBlob(note.oid)).toString("utf8");
  return { versions, modes: parseModes(text) };
}
