import { throwIfAborted } from "../base/abort.ts";
import { LullError } from "../base/errors.ts";
import type { RepoSource, Source } from "../config/config.ts";
import type { MaintainResult } from "../git/git.ts";
import type { RunError } from "../sync/outcome.ts";
import { toRunError } from "../sync/run-error.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { noteChange } from "./history.ts";
import { repoOf } from "./repo-of.ts";

export type MaintainSourcesInput = {
  /** Empty: all sources. */
  readonly names: readonly string[];
  readonly dryRun: boolean;
};

export type SourceMaintenance = { readonly source: string } & (
  | MaintainResult
  | { readonly kind: "failed"; readonly error: RunError }
);

/**
 * Tends the repositories of sources, one after the other, each under the lock that a sync of it takes. One that fails
 * does not stop the others.
 */
export async function maintainSources(
  deps: Deps,
  input: MaintainSourcesInput,
  context: Context,
): Promise<readonly SourceMaintenance[]> {
  const { config } = await deps.config.load();
  const { savepointsMs } = config.daemon.retention;
  const named = findSources(config, input.names);
  // A person who names a source means it, switched off or not.
  const sources = input.names.length > 0 ? named : named.filter(({ enabled }) => enabled);
  const results: SourceMaintenance[] = [];
  for (const source of sources) {
    throwIfAborted(context.signal);
    const result = await maintainOne(deps, source, { dryRun: input.dryRun, savepointsMs }, context);
    if (!input.dryRun && result.kind === "done") note(deps, source.name, result);
    results.push({ source: source.name, ...result });
  }
  return results;
}

/** It takes things away for good, so it is told; but not each time that there was nothing to do. */
function note(deps: Deps, source: string, done: Extract<MaintainResult, { readonly kind: "done" }>): void {
  const { objectsPacked, objectsDropped, reflogEntriesExpired, savepointsExpired, temporaryFilesSwept } =
    done;
  const detail = {
    objectsPacked,
    objectsDropped,
    reflogEntriesExpired,
    savepointsExpired,
    temporaryFilesSwept,
  };
  if (Object.values(detail).some((amount) => amount > 0))
    noteChange(deps, { action: "maintain", source, detail });
}

type Wanted = { readonly dryRun: boolean; readonly savepointsMs: number };

async function maintainOne(
  deps: Deps,
  source: Source,
  wanted: Wanted,
  context: Context,
): Promise<MaintainResult | { readonly kind: "failed"; readonly error: RunError }> {
  const repo = repoOf(deps, source);
  if (repo === undefined) {
    return {
      kind: "skipped",
      reason: `"${source.name}" has no repository of its own`,
      hint: "nothing needs to be done",
    };
  }
  try {
    return await underLock(deps, repo, wanted, context);
  } catch (error) {
    if (error instanceof LullError && error.kind === "interrupted") throw error;
    return { kind: "failed", error: toRunError(error) };
  }
}

async function underLock(
  deps: Deps,
  source: RepoSource,
  wanted: Wanted,
  { signal, onEvent }: Context,
): Promise<MaintainResult> {
  const state = deps.git.inspect(source.directory);
  if (state.kind === "missing")
    return {
      kind: "skipped",
      reason: `${source.directory} is not there`,
      hint: "mount or restore the folder",
    };
  using _ = deps.locks.acquire(source.name);
  const repository = deps.git.open(source.directory);
  try {
    return await repository.maintain({
      ...wanted,
      signal,
      onProgress: (step, done, total) =>
        onEvent?.({ kind: "progress", source: source.name, step, done, total }),
    });
  } finally {
    repository.close();
  }
}
