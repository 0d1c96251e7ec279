/** A full check of one source: its repository, its files, and its remotes. */
import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import type { RepoSource } from "../../config/config.ts";
import type { RepairResult, Repository, VerifyResult } from "../../git/git.ts";
import { authorOf } from "../author.ts";
import { refuseUnready } from "../readiness.ts";
import type { SyncDeps, SyncOptions } from "../run-context.ts";
import { type RemoteVerification, verifyRemote } from "./verify-remote.ts";

export type SourceVerification = {
  readonly source: string;
  readonly directory: string;
  readonly branch: string | undefined;
  /** As it is now: after the repair, if there was one. */
  readonly local: VerifyResult;
  /** Undefined: none was asked for. */
  readonly repair: RepairResult | undefined;
  readonly remotes: readonly RemoteVerification[];
  readonly durationMs: number;
};

export type VerifySourceOptions = Pick<SyncOptions, "signal" | "onEvent"> & {
  /** The folder that a remote's URL stands for, if it is one of this machine. */
  readonly folderOf: (url: string) => string | undefined;
  /** `plan`: say what would be done. The caller of `do` holds the source's lock. */
  readonly repair?: "plan" | "do" | undefined;
};

/**
 * Without a repair nothing is written and no lock is taken. A repository that is in the middle of something, or too damaged to be synced,
 * is checked all the same.
 * @throws LullError `FOLDER_MISSING`, `NOT_A_REPOSITORY`, `INTERRUPTED`
 */
export async function verifySource(
  deps: SyncDeps,
  source: RepoSource,
  options: VerifySourceOptions,
): Promise<SourceVerification> {
  const { signal, onEvent } = options;
  const startedAt = deps.clock.monotonic();
  const state = deps.git.inspect(source.directory);
  if (state.kind === "missing" || state.kind === "not-a-repository") refuseUnready(state, source);
  const repository = deps.git.open(source.directory);
  try {
    const repair = await repairIfAsked(deps, { source, repository }, options);
    const local = repair?.after ?? repair?.before ?? (await repository.verify(watching(source, options)));
    // Before a repair, HEAD may have been broken.
    const now = deps.git.inspect(source.directory);
    const branch = now.kind === "ready" ? now.head.branch : undefined;
    const remotes: RemoteVerification[] = [];
    for (const remote of source.remotes) {
      throwIfAborted(signal);
      onEvent?.({
        kind: "progress",
        source: source.name,
        step: `ask ${remote.name}`,
        done: 0,
        total: undefined,
      });
      const folder = options.folderOf(remote.url);
      remotes.push(await verifyRemote({ deps, repository, remote, branch, folder, signal }));
    }
    const durationMs = Math.round(deps.clock.monotonic() - startedAt);
    return { source: source.name, directory: source.directory, branch, local, repair, remotes, durationMs };
  } finally {
    repository.close();
  }
}

function watching({ name }: RepoSource, { signal, onEvent }: VerifySourceOptions) {
  return {
    signal,
    onProgress: (step: string, done: number, total: number | undefined, unit?: "bytes") =>
      onEvent?.({ kind: "progress", source: name, step, done, total, unit }),
  };
}

/** A config that can not be read is among the findings, and no reason to find out nothing else. */
function identityOf(repository: Repository): ReturnType<Repository["identity"]> {
  try {
    return repository.identity();
  } catch (error) {
    if (error instanceof LullError && error.code === "GIT_CONFIG_INVALID") return undefined;
    throw error;
  }
}

async function repairIfAsked(
  deps: SyncDeps,
  { source, repository }: { readonly source: RepoSource; readonly repository: Repository },
  options: VerifySourceOptions,
): Promise<RepairResult | undefined> {
  if (options.repair === undefined) return undefined;
  return repository.repair({
    ...watching(source, options),
    dryRun: options.repair === "plan",
    note: { source: source.name, before: "a repair" },
    author: authorOf({ repository: { identity: () => identityOf(repository) }, deps }),
    remotes: source.remotes.map(({ name, url }) => ({
      name,
      connect: () => deps.connect(url, options.signal),
    })),
  });
}
