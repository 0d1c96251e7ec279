import { LullError } from "../../base/errors.ts";
import { safeText } from "../../base/safe-text.ts";
import type { RepoSource } from "../../config/config.ts";
import type { Repository } from "../../git/git.ts";
import type { Oid } from "../../git/model.ts";
import { displayPath } from "../../git/paths.ts";
import type { StoredConflict } from "../../store/conflict-store.ts";
import { authorOf } from "../../sync/author.ts";
import { localStamp } from "../../sync/commit-message.ts";
import { resolutionLine } from "../../sync/conflicts/resolution-record.ts";
import { refuseUnready } from "../../sync/readiness.ts";
import { namingSource } from "../../sync/run-error.ts";
import type { Context, Deps } from "../deps.ts";
import { noteChange } from "../history.ts";
import { type FoundConflict, noSuchConflict } from "./find-conflict.ts";
import { learnConflicts, recordOf } from "./learn-conflicts.ts";
import { type Keep, planResolution } from "./plan-resolution.ts";
import { noteOf, saveEdits } from "./save-edits.ts";

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
  /** The savepoint that leads back; undefined in a dry run. */
  readonly savepoint: string | undefined;
  readonly dryRun: boolean;
  /** How many are still open in this source. */
  readonly stillOpen: number;
};

/**
 * Resolves one conflict: a commit with the chosen version, checked out file by file as every sync does it, so that no
 * edit that happens meanwhile is lost. The commit says so to the other devices; the next sync sends it. A savepoint of
 * the files concerned is taken first, so that it can be undone.
 * @throws LullError `SOURCE_LOCKED` (kind `locked`), `CHECKOUT_BLOCKED`, `FOLDER_IN_THE_WAY` (kind `conflict`),
 *   `UNCOMMITTED` (kind `conflict`) where edits may not be committed, and those of a repository that is not ready
 */
export async function resolveConflict(deps: Deps, input: ResolveInput, context: Context): Promise<Resolved> {
  const { source, conflict } = input.found;
  using _ = deps.locks.acquire(source.name);
  const head = refuseUnready(deps.git.inspect(source.directory), source);
  const repository = deps.git.open(source.directory, { sign: source.sign });
  try {
    const record = recordOf(conflict);
    const author = authorOf({ repository, deps: { ...deps, device: input.device } });
    if (!input.dryRun && repository.finishCheckout())
      refuseResolved(deps, input.found, repository, head.branch);
    const saved = saveEdits({ source, repository, record }, { author, dryRun: input.dryRun }, context);
    let { savepoint } = saved;
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
      const note = noteOf(source);
      savepoint ??= repository.savepoint({ note, paths: [], author, signal: context.signal }).name;
      const message = messageFor(deps, conflict, input.keep);
      commit = repository.editCommit({ parent: tip, edits, message, author });
      bringIn(repository, { branch: head.branch, tip, commit, signal: context.signal });
      learnConflicts(deps, source.name, repository, commit);
      const detail = { path: displayPath(record.path), keep: keepWord(input.keep), savepoint, tip: commit };
      noteChange(deps, { action: "resolve", source: source.name, detail });
    }
    return {
      source: source.name,
      path: displayPath(record.path),
      keep: keepWord(input.keep),
      changes,
      commit,
      saved: saved.files,
      savepoint,
      dryRun: input.dryRun,
      stillOpen: deps.conflicts.list({ source: source.name, open: true }).length,
    };
  } catch (error) {
    throw namingSource(error, source.name);
  } finally {
    repository.close();
  }
}

/** A resolve that was cut off right before its end has just been finished: its copy is gone, and must not be looked for. */
function refuseResolved(
  deps: Deps,
  { source, conflict }: FoundConflict,
  repository: Repository,
  branch: string,
): void {
  const tip = repository.readRef(branch);
  if (tip !== undefined) learnConflicts(deps, source.name, repository, tip);
  const open = deps.conflicts.list({ source: source.name, open: true });
  if (!open.some(({ commit, path }) => commit === conflict.commit && path === conflict.path))
    throw noSuchConflict(displayPath(conflict.path));
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
    ...decided.map(({ commit, path }) => resolutionLine({ commit, path, keep: word, isTakenBack: false })),
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
