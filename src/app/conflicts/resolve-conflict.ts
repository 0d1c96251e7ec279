import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import type { RepoSource } from "../../config/config.ts";
import type { EditCommitInput, Repository } from "../../git/git.ts";
import type { Oid, RepoPath } from "../../git/model.ts";
import { displayPath } from "../../git/paths.ts";
import type { StoredConflict } from "../../store/conflict-store.ts";
import { authorOf } from "../../sync/author.ts";
import { localStamp } from "../../sync/commit-message.ts";
import { type ConflictRecord, resolutionLine } from "../../sync/conflicts/conflict-record.ts";
import { refuseUnready } from "../../sync/readiness.ts";
import { uncommittedChanges } from "../../sync/refuse-blocked.ts";
import type { Context, Deps } from "../deps.ts";
import { noteChange } from "../history.ts";
import type { FoundConflict } from "./find-conflict.ts";
import { learnConflicts, recordOf } from "./learn-conflicts.ts";
import { type Keep, planResolution } from "./plan-resolution.ts";

export type ResolveInput = {
  readonly found: FoundConflict;
  readonly keep: Keep;
  /** For commit messages, as the config has it. */
  readonly device: string;
  readonly dryRun: boolean;
};

export type Resolved = {
  readonly source: string;
  readonly path: string;
  readonly keep: "local" | "remote" | "both" | "file";
  /** What was written and removed, in this folder and in the commit. */
  readonly changes: readonly { readonly path: string; readonly change: "written" | "removed" }[];
  /** Undefined in a dry run. */
  readonly commit: Oid | undefined;
  /** Unsaved edits of these files were committed before anything was replaced. */
  readonly saved: number;
  readonly dryRun: boolean;
  /** How many are still open in this source. */
  readonly stillOpen: number;
};

/**
 * Resolves one conflict: a commit with the chosen version, checked out file by file as every sync does it, so that no
 * edit that happens meanwhile is lost. The commit says so to the other devices; the next sync sends it.
 * @throws LullError `SOURCE_LOCKED` (kind `locked`), `CHECKOUT_BLOCKED`, `FOLDER_IN_THE_WAY` (kind `conflict`),
 *   `UNCOMMITTED` (kind `conflict`) where edits may not be committed, and those of a repository that is not ready
 */
export async function resolveConflict(deps: Deps, input: ResolveInput, context: Context): Promise<Resolved> {
  const { source, conflict } = input.found;
  using _ = deps.locks.acquire(source.name);
  const head = refuseUnready(deps.git.inspect(source.directory), source);
  const repository = deps.git.open(source.directory);
  try {
    const record = recordOf(conflict);
    if (!input.dryRun) repository.finishCheckout();
    const saved = saveEdits(deps, { source, repository, record }, input, context);
    const tip = repository.readRef(head.branch);
    if (tip === undefined) throw nothingHere(source);
    const edits = planResolution({
      record,
      keep: input.keep,
      versionAt: (path) => repository.versionAt(tip, path),
      stamp: localStamp(deps.clock),
    });
    const changes = [...edits].map(([path, version]) => ({
      path: displayPath(path),
      change: version === undefined ? ("removed" as const) : ("written" as const),
    }));
    let commit: Oid | undefined;
    if (!input.dryRun) {
      const message = messageFor(deps, conflict, input.keep);
      commit = commitEdits(deps, { repository, tip, edits, message, device: input.device });
      bringIn(repository, { branch: head.branch, tip, commit, signal: context.signal });
      learnConflicts(deps, source.name, repository, commit);
      const detail = { path: displayPath(record.path), keep: keepWord(input.keep), commit };
      noteChange(deps, { action: "resolve", source: source.name, detail });
    }
    return {
      source: source.name,
      path: displayPath(record.path),
      keep: keepWord(input.keep),
      changes,
      commit,
      saved,
      dryRun: input.dryRun,
      stillOpen: deps.conflicts.list({ source: source.name, open: true }).length,
    };
  } finally {
    repository.close();
  }
}

type Place = {
  readonly source: RepoSource;
  readonly repository: Repository;
  readonly record: ConflictRecord;
};

/** What the person wrote into the files of the conflict gets a commit of its own, before any of them is replaced. */
function saveEdits(
  deps: Deps,
  { source, repository, record }: Place,
  { device, dryRun }: Pick<ResolveInput, "device" | "dryRun">,
  { signal }: Context,
): number {
  const concerned: readonly (RepoPath | undefined)[] = [record.path, record.copy];
  const changed = repository
    .scan({ signal })
    .changes.map(({ path }) => path)
    .filter((path) => concerned.includes(path));
  if (changed.length === 0 || dryRun) return changed.length;
  if (!source.autoCommit) {
    const path = displayPath(changed[0] ?? record.path);
    throw uncommittedChanges(source, {
      path,
      message: `${path} has edits that are in no commit`,
      again: "then run `lull resolve` again",
    });
  }
  repository.commit({
    paths: changed,
    message: `Edits in ${safeText(displayPath(record.path))} before its conflict was resolved`,
    author: authorOf({ repository, deps: { ...deps, device } }),
    signal,
  });
  return changed.length;
}

type CommitEdits = Pick<EditCommitInput, "edits" | "message"> & {
  readonly repository: Repository;
  readonly tip: Oid;
  readonly device: string;
};

function commitEdits(deps: Deps, { repository, tip, edits, message, device }: CommitEdits): Oid {
  const author = authorOf({ repository, deps: { ...deps, device } });
  return repository.editCommit({ parent: tip, edits, message, author });
}

/** Of a path that nobody decided about, all that came together is decided at once. */
function messageFor(deps: Deps, conflict: StoredConflict, keep: Keep): string {
  const record = recordOf(conflict);
  const word = keepWord(keep);
  const alike = deps.conflicts
    .list({ source: conflict.source, open: true })
    .filter((other) => other.path === conflict.path && recordOf(other).copy === undefined);
  const decided = record.copy === undefined ? alike : [conflict];
  return [
    `Resolve the conflict in ${safeText(displayPath(record.path))}: keep ${word}`,
    "",
    ...decided.map(({ commit, path }) => resolutionLine({ commit, path, keep: word })),
  ].join("\n");
}

function keepWord(keep: Keep): Resolved["keep"] {
  return typeof keep === "object" ? "file" : keep;
}

function bringIn(
  repository: Repository,
  move: {
    readonly branch: string;
    readonly tip: Oid;
    readonly commit: Oid;
    readonly signal: AbortSignal;
  },
): void {
  const result = repository.checkout({
    from: { branch: move.branch, commit: move.tip },
    target: move.commit,
    reason: "lull: resolve a conflict",
    signal: move.signal,
  });
  if (result.kind === "done") return;
  const [first] = result.paths;
  throw new LullError({
    kind: "conflict",
    code: "CHECKOUT_BLOCKED",
    message: `${displayPath(first?.path ?? "")} can not be updated: ${first?.reason ?? "it changed meanwhile"}`,
    causes: ["it was edited in this very moment", "it is write-protected"],
    hint: "nothing was changed; look at it and run `lull resolve` again",
  });
}

function nothingHere(source: RepoSource): LullError {
  return new LullError({
    kind: "failed",
    code: "NO_COMMIT",
    message: `${source.name} has no commit yet, so there is nothing to resolve`,
    hint: `lull sync ${source.name}`,
  });
}
