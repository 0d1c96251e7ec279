import { type FileVersion, type RepoPath, shortRef } from "../git/model.ts";
import { displayPath } from "../git/paths.ts";
import type { Repository } from "../git/git.ts";
import { LullError } from "../base/errors.ts";
import type { RepoSource } from "../config/config.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { trackedCommit } from "./tracked-commit.ts";

export type DiffEntry = {
  readonly path: string;
  readonly change: string;
  /** uncommitted: in the folder only; unsent: committed here, not at the remote; unreceived: at the remote only. */
  readonly where: "uncommitted" | "unsent" | "unreceived";
  /** Lines of a unified diff without the file header; undefined for binary content. */
  readonly patch: readonly string[] | undefined;
};

export type SourceDiff = {
  readonly name: string;
  readonly directory: string;
  readonly entries: readonly DiffEntry[];
};

/** Tells what the next sync would commit, send and (as far as last fetched) receive. No network is used. */
export async function diffSources(
  deps: Deps,
  input: { readonly names: readonly string[] },
  context: Context,
): Promise<readonly SourceDiff[]> {
  const { config } = await deps.config.load();
  const sources = findSources(config, input.names).filter((source) => source.kind === "repo");
  return sources.map((source) => ({
    name: source.name,
    directory: source.directory,
    entries: entriesOf(deps, source, context),
  }));
}

function entriesOf(deps: Deps, source: RepoSource, context: Context): readonly DiffEntry[] {
  const state = deps.git.inspect(source.directory);
  if (state.kind !== "ready") {
    throw new LullError({
      kind: state.kind === "missing" ? "guard" : "unsafe",
      code: "NOT_READY",
      message: `${source.directory} can not be compared now`,
      hint: `\`lull status ${source.name}\` tells why`,
    });
  }
  const repository = deps.git.open(source.directory);
  try {
    const branch = shortRef(state.head.branch);
    const tracking = trackedCommit(repository, source, branch);
    const head = state.head.commit;
    const base =
      head !== undefined && tracking !== undefined ? commonBase(repository, head, tracking) : undefined;
    return [
      ...uncommitted(deps, repository, context),
      ...(head === undefined ? [] : committed(deps, repository, { from: base, to: head, where: "unsent" })),
      ...(tracking === undefined
        ? []
        : committed(deps, repository, { from: base, to: tracking, where: "unreceived" })),
    ];
  } finally {
    repository.close();
  }
}

function uncommitted(deps: Deps, repository: Repository, context: Context): readonly DiffEntry[] {
  return repository.scan({ signal: context.signal }).changes.map((change) => ({
    path: displayPath(change.path),
    change: change.kind,
    where: "uncommitted" as const,
    patch: deps.git.diffText(
      contentOf(repository, repository.indexVersion(change.path)),
      change.kind === "deleted" ? undefined : repository.readWorkFile(change.path),
    ),
  }));
}

/** The commit from which both sides grew, so that each side shows only what it did itself. */
function commonBase(repository: Repository, head: string, tracking: string): string | undefined {
  const relation = repository.relate(head, tracking);
  switch (relation.kind) {
    case "same":
    case "behind":
      return head;
    case "ahead":
      return tracking;
    case "diverged":
      return relation.bases[0];
    case "unrelated":
      return undefined;
  }
}

function committed(
  deps: Deps,
  repository: Repository,
  span: { readonly from: string | undefined; readonly to: string; readonly where: "unsent" | "unreceived" },
): readonly DiffEntry[] {
  return repository.compare(span.from, span.to).map((difference) => ({
    path: displayPath(difference.path),
    change: changeKind(difference),
    where: span.where,
    patch: deps.git.diffText(
      contentOf(repository, difference.before),
      contentOf(repository, difference.after),
    ),
  }));
}

function changeKind(difference: {
  readonly path: RepoPath;
  readonly before: FileVersion | undefined;
  readonly after: FileVersion | undefined;
}): string {
  if (difference.before === undefined) return "added";
  if (difference.after === undefined) return "deleted";
  return difference.before.oid === difference.after.oid ? "mode-changed" : "modified";
}

function contentOf(repository: Repository, version: FileVersion | undefined): Uint8Array | undefined {
  if (version === undefined || version.mode === 0o160000) return undefined;
  return repository.readBlob(version.oid);
}
