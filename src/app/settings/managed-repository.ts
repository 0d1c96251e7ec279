import { lstatSync } from "node:fs";

import { LullError } from "../../base/errors.ts";
import type { RepoSource, SettingsSource } from "../../config/config.ts";
import type { Repository } from "../../git/git.ts";
import type { Oid, RepoPath } from "../../git/model.ts";
import { toFsPath } from "../../git/paths.ts";
import { branchCopy } from "../../settings/branch-copies.ts";
import type { Cipher } from "../../settings/cipher.ts";
import { readGathered, writeGathered } from "../../settings/gather-record.ts";
import type { PutBackPlace } from "../../settings/put-back.ts";
import type { RepositoryFiles } from "../../settings/repository-files.ts";
import { type PlannedFile, planRestore } from "../../settings/restore-plan.ts";
import type { Variants } from "../../settings/variants.ts";
import { recordAfter, type Removal, restore, type Restored } from "../../settings/restore.ts";
import { authorOf } from "../../sync/author.ts";
import type { Target } from "../../sync/go-back/find-target.ts";
import type { Context, Deps } from "../deps.ts";
import { noteChange } from "../history.ts";
import { repoOf } from "../repo-of.ts";
import { acquirePatiently } from "../acquire-patiently.ts";
import { handOver, stageKept } from "./preferences.ts";
import { placesOf, variantsOf } from "./selections-of.ts";
import { sourceCipher } from "./source-cipher.ts";

/** Another lull that syncs the source right now is waited for so long. */
export const PATIENCE_MS = 15_000;

/** The repository of a settings source, opened. */
export type Managed = {
  /** Undefined: this device has no key. */
  readonly cipher: Cipher | undefined;
  readonly variants: Variants;
  readonly source: SettingsSource;
  readonly repo: RepoSource;
  readonly repository: Repository;
};

export type LockedManaged = Managed &
  Disposable & {
    readonly head: { readonly branch: string; readonly commit: Oid };
  };

/** Under the source's lock. @throws LullError `NOTHING_GATHERED` (kind `usage`), `SOURCE_LOCKED` */
export async function openManaged(
  deps: Deps,
  { source, device }: { readonly source: SettingsSource; readonly device: string },
  context: Context,
): Promise<LockedManaged> {
  const repo = repoOf(deps, source);
  const lock = await acquirePatiently(deps, { source, patienceMs: PATIENCE_MS }, context);
  try {
    const state = repo === undefined ? undefined : deps.git.inspect(repo.directory);
    const commit = state?.kind === "ready" ? state.head.commit : undefined;
    if (repo === undefined || state?.kind !== "ready" || commit === undefined) throw nothingGathered(source);
    const { directory } = repo;
    const { signal } = context;
    const cipher = await sourceCipher(deps, { source, device, directory, signal });
    const repository = deps.git.open(directory);
    return {
      cipher,
      variants: variantsOf(deps, { source, device, directory }),
      source,
      repo,
      repository,
      head: { branch: state.head.branch, commit },
      [Symbol.dispose]() {
        repository.close();
        lock[Symbol.dispose]();
      },
    };
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

type Wanted = {
  readonly files: RepositoryFiles;
  readonly isAskedFor?: ((path: string, copy: string) => boolean) | undefined;
  readonly signal: AbortSignal;
};

/** Each file of a state against what stands in its place. */
export async function planOf(
  deps: Deps,
  { repository, cipher, variants }: Managed,
  { files, isAskedFor, signal }: Wanted,
): Promise<readonly PlannedFile[]> {
  await stageKept(deps, files, signal);
  return planRestore({
    ...files,
    readBlob: (oid) => repository.readBlob(oid),
    changedAt: (name, { oid }) => changedAt(repository, name, oid),
    selections: await placesOf(deps),
    home: deps.home,
    variants,
    cipher,
    hasModes: deps.settings.hasModes,
    isAskedFor,
    signal,
  });
}

function changedAt(repository: Repository, name: RepoPath, oid: Oid): number | undefined {
  try {
    if (repository.indexVersion(name)?.oid !== oid) return undefined;
    return lstatSync(toFsPath(repository.directory, name), { throwIfNoEntry: false })?.mtimeMs;
  } catch {
    // A time is not worth a file: the person's git config may be what is broken, and to be restored.
    return undefined;
  }
}

export type Work = {
  readonly before: string;
  readonly target: Target;
  readonly device: string;
  readonly files: readonly PlannedFile[];
  readonly removals: readonly Removal[];
  readonly folders: RepositoryFiles;
};

/** Carries out what was planned, and remembers what is in step now. */
export async function carryOut(
  deps: Deps,
  { source, repo, repository, cipher, variants }: Managed,
  { before, target, device, files, removals, folders }: Work,
  { signal }: Context,
): Promise<Restored> {
  const { clock, userName } = deps;
  const restored = await restore({
    repository,
    commit: target.commit,
    modes: folders.modes,
    source: source.name,
    before,
    files,
    removals,
    place: homePlace(deps, files, { folders, temporary: `${repository.gitDirectory}/lull/tmp` }),
    cipher,
    // Not as git's config says: that may be what is broken, and to be restored.
    author: authorOf({ repository: { identity: () => undefined }, deps: { clock, device, userName } }),
    clock,
    signal,
  });
  const done = await handOver(deps, { done: restored, files }, signal);
  const { gitDirectory } = repository;
  const memory = readGathered(gitDirectory);
  const gathered = await recordAfter(memory.files, done, (copy) =>
    branchCopy(repo.directory, variants.nameOf(copy), cipher),
  );
  if (done.inStep.size > 0) writeGathered(gitDirectory, { ...memory, files: gathered });
  if (done.savepoint !== undefined) {
    const detail = { to: target.commit, savepoint: done.savepoint.name, files: done.written.length };
    noteChange(deps, { action: "restore", source: source.name, detail });
  }
  return done;
}

function homePlace(
  deps: Deps,
  files: readonly PlannedFile[],
  { folders: { modes }, temporary }: { readonly folders: RepositoryFiles; readonly temporary: string },
): PutBackPlace {
  const folders = new Map<string, number>();
  for (const { path, copy, folder: top } of files) {
    let [folder, name] = [path, copy];
    while (name.length > top.length) {
      folder = folder.slice(0, folder.lastIndexOf("/"));
      name = name.slice(0, name.lastIndexOf("/"));
      const mode = modes.get(`${name}/`);
      if (mode !== undefined) folders.set(folder, mode);
    }
  }
  return {
    home: deps.home,
    temporary,
    rename: deps.settings.rename,
    folderMode: (path) => folders.get(path),
  };
}

export function nothingGathered({ name }: SettingsSource): LullError {
  return new LullError({
    kind: "usage",
    code: "NOTHING_GATHERED",
    message: `"${name}" has nothing to restore yet`,
    hint: `lull sync ${name} fetches what other devices have gathered, and gathers what is here`,
  });
}
