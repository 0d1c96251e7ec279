import { type FileVersion, type Oid, type RepoPath, shortRef } from "../git/model.ts";
import { displayPath } from "../git/paths.ts";
import type { Repository } from "../git/git.ts";
import { LullError } from "../base/errors.ts";
import type { RepoSource } from "../config/config.ts";
import type { WorkTreeChange } from "../git/worktree/changes.ts";
import { previewChanges } from "../sync/guards/preview-changes.ts";
import { RunGuards } from "../sync/guards/run-guards.ts";
import type { Context, Deps } from "./deps.ts";
import { findSources } from "./find-source.ts";
import { repoOf } from "./repo-of.ts";
import { diffHome } from "./settings/diff-home.ts";
import { trackedCommit } from "./tracked-commit.ts";

export type DiffEntry = {
  readonly path: string;
  readonly change: string;
  /**
   * uncommitted: in the folder only, the next sync commits it; left-out: in the folder, and a guard keeps it out;
   * home: of a settings source, in the home only, the next sync gathers it; unsent: committed here, not at the remote; unreceived: at the remote only.
   */
  readonly where: "home" | "uncommitted" | "left-out" | "unsent" | "unreceived";
  /** Lines of a unified diff without the file header; undefined for binary content and for what is left out. */
  readonly patch: readonly string[] | undefined;
  /** Why it is left out, in words. */
  readonly reason?: string | undefined;
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
  const diffs: SourceDiff[] = [];
  for (const source of findSources(config, input.names)) {
    const repo = repoOf(deps, source);
    if (repo === undefined) continue;
    const own = entriesOf(deps, repo, context);
    const { device } = config;
    const home = source.kind === "settings" ? await diffHome(deps, { source, repo, device }, context) : [];
    const entries = [...home.map((entry) => ({ ...entry, where: "home" as const })), ...own];
    diffs.push({ name: source.name, directory: repo.directory, entries });
  }
  return diffs;
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
      ...inFolder(deps, { source, repository, head }, context),
      ...(head === undefined ? [] : committed(deps, repository, { from: base, to: head, where: "unsent" })),
      ...(tracking === undefined
        ? []
        : committed(deps, repository, { from: base, to: tracking, where: "unreceived" })),
    ];
  } finally {
    repository.close();
  }
}

type Place = {
  readonly source: RepoSource;
  readonly repository: Repository;
  readonly head: Oid | undefined;
};

function inFolder(deps: Deps, place: Place, context: Context): readonly DiffEntry[] {
  const { repository } = place;
  const { changes } = repository.scan({ signal: context.signal });
  const held = heldBack(deps, place, changes);
  return changes.map((change): DiffEntry => {
    const entry = { path: displayPath(change.path), change: change.kind };
    const reason = held.get(change.path);
    if (reason !== undefined) return { ...entry, where: "left-out", patch: undefined, reason };
    const after = change.kind === "deleted" ? undefined : repository.readWorkFile(change.path);
    const before = contentOf(repository, repository.indexVersion(change.path));
    return { ...entry, where: "uncommitted", patch: deps.git.diffText(before, after) };
  });
}

/** Path → why a commit would not have it; as a sync would judge now. */
function heldBack(
  deps: Deps,
  { source, repository, head }: Place,
  changes: readonly WorkTreeChange[],
): ReadonlyMap<RepoPath, string> {
  if (!source.autoCommit || changes.length === 0) return new Map();
  const guards = new RunGuards({ source, repository, clock: deps.clock, dryRun: true });
  const admit = guards.judge(changes, head);
  previewChanges(repository, guards.toJudge(changes), admit);
  const paths = guards.heldBack;
  return new Map(guards.leftOut.flatMap(({ path, reason }) => (paths.has(path) ? [[path, reason]] : [])));
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
