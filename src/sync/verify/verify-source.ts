/** A full check of one source: its repository, its files, and its remotes. */
import { throwIfAborted } from "../../base/abort.ts";
import type { RepoSource } from "../../config/config.ts";
import type { VerifyResult } from "../../git/git.ts";
import { refuseUnready } from "../readiness.ts";
import type { SyncDeps, SyncOptions } from "../run-context.ts";
import { type RemoteVerification, verifyRemote } from "./verify-remote.ts";

export type SourceVerification = {
  readonly source: string;
  readonly directory: string;
  readonly branch: string | undefined;
  readonly local: VerifyResult;
  readonly remotes: readonly RemoteVerification[];
  readonly durationMs: number;
};

export type VerifySourceOptions = Pick<SyncOptions, "signal" | "onEvent"> & {
  /** The folder that a remote's URL stands for, if it is one of this machine. */
  readonly folderOf: (url: string) => string | undefined;
};

/**
 * Nothing is written and no lock is taken. A repository that is in the middle of something, or too damaged to be synced,
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
  const branch = state.kind === "ready" ? state.head.branch : undefined;
  const repository = deps.git.open(source.directory);
  try {
    const local = await repository.verify({
      signal,
      onProgress: (step, done, total, unit) =>
        onEvent?.({ kind: "progress", source: source.name, step, done, total, unit }),
    });
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
    return { source: source.name, directory: source.directory, branch, local, remotes, durationMs };
  } finally {
    repository.close();
  }
}
