/**
 * Brings files back as they were: takes back a sync, or goes to an earlier state, whole or in part. It never moves the
 * branch back: what comes back is a new commit on top, so that nothing that was sent is denied to other devices, and the
 * way forward stays open. Local work is kept first, in a commit and in a savepoint.
 */
import { throwIfAborted } from "../../base/abort.ts";
import { LullError } from "../../base/errors.ts";
import type { RepoSource } from "../../config/config.ts";
import type { FileDifference, LoggedCommit, Repository, Savepoint, TakenBack } from "../../git/git.ts";
import { type Oid, type RepoPath, shortRef } from "../../git/model.ts";
import { displayPath } from "../../git/paths.ts";
import { authorOf } from "../author.ts";
import { awaitReady } from "../await-ready.ts";
import { checkOut } from "../check-out.ts";
import { commitChanges } from "../commit-changes.ts";
import { contraryOf, resolutionLine, type Resolution } from "../conflicts/resolution-record.ts";
import { RunGuards } from "../guards/run-guards.ts";
import type { RunContext, SyncDeps, SyncOptions } from "../run-context.ts";
import { blockedByUncommitted, uncommittedChanges } from "../refuse-blocked.ts";
import { namingSource } from "../run-error.ts";
import { RunRecorder } from "../run-recorder.ts";
import { filesToBring, isWithin } from "./choose-files.ts";
import { findTarget, type Target, targetOf, type TargetInput } from "./find-target.ts";

export type GoBackRequest =
  /** Takes out what the sync behind a savepoint changed; what came later stays. */
  | {
      readonly kind: "undo";
      /** Chooses the savepoint among those after which something has happened, newest first. */
      readonly choose: (savepoints: readonly Savepoint[], branch: string) => Savepoint;
      /** The branch's commit at the end of that sync; undefined: it is not known. */
      readonly after: (savepoint: Savepoint) => Oid | undefined;
    }
  | {
      /** `rollback` also removes what was not there then. */
      readonly kind: "rollback" | "restore";
      readonly to: Omit<TargetInput, "head">;
      /** Files, and folders with all below them; empty: everything. */
      readonly paths: readonly RepoPath[];
    };

export type GoBackOptions = Pick<SyncOptions, "dryRun" | "signal" | "onEvent">;

/** An app whose files are written while it runs. */
export type RunningApp = {
  readonly id: string;
  readonly name: string;
  /** What a person does first, one sentence. */
  readonly hint: string | undefined;
  /** With the home as `~`. */
  readonly files: readonly string[];
};

export type WentBack = {
  readonly source: string;
  readonly branch: string;
  readonly target: Target;
  readonly files: readonly { readonly path: string; readonly change: "added" | "changed" | "removed" }[];
  /** Files that were changed since, here or by a later sync, and stay as they are. */
  readonly left: readonly string[];
  /** Files that could not be brought back, and why; left out: none. */
  readonly refused?: readonly { readonly path: string; readonly reason: string }[];
  /** Apps that run and may overwrite what was brought back; left out: none. */
  readonly running?: readonly RunningApp[];
  /** Files whose conflicts had been resolved and are open again. */
  readonly reopened: readonly string[];
  /** The savepoint that leads back to where it was before; undefined in a dry run, or when nothing changed. */
  readonly savepoint: string | undefined;
  /** Undefined in a dry run, or when nothing changed. */
  readonly commit: Oid | undefined;
  /** Local changes that were committed first, or would be. */
  readonly keptFirst: number;
  readonly dryRun: boolean;
};

/** A person who edits while it works is waited for so often. */
const MOST_ROUNDS = 3;

/** The caller holds the source's lock. @throws LullError as a sync does, and those of `findTarget` */
export async function goBack(
  deps: SyncDeps,
  source: RepoSource,
  request: GoBackRequest,
  options: GoBackOptions,
): Promise<WentBack> {
  const run: SyncOptions = { ...options, purpose: PURPOSE[request.kind] };
  const recorder = new RunRecorder(deps.clock, source.name, run);
  const head = await awaitReady(deps.git, source, options.signal);
  const repository = deps.git.open(source.directory, { sign: source.sign });
  try {
    const { clock } = deps;
    const comesBack = comingBack(repository, request, head.commit);
    const guards = new RunGuards({ source, repository, clock, dryRun: options.dryRun, comesBack });
    const context = {
      deps,
      source,
      repository,
      branch: head.branch,
      isChosen: true,
      recorder,
      guards,
      options: run,
    };
    for (let round = 1; ; round++) {
      throwIfAborted(options.signal);
      const done = oneRound(context, request);
      if (done !== undefined) return done;
      if (round === MOST_ROUNDS) throw stillHeld(context);
      await awaitReady(deps.git, source, options.signal);
    }
  } catch (error) {
    throw namingSource(error, source.name);
  } finally {
    repository.close();
  }
}

/**
 * A person who brings files back is not to be stopped by how many are gone. But what stays gone is committed before
 * anything comes back, and the next sync sends it: for that the guards hold as in a sync.
 */
function comingBack(
  repository: Repository,
  request: GoBackRequest,
  head: Oid | undefined,
): (path: RepoPath) => boolean {
  if (request.kind === "undo") return () => false;
  const { kind, to, paths } = request;
  const target = findTarget(repository, { ...to, head });
  return (path) =>
    isWithin(path, paths) && (kind === "rollback" || repository.versionAt(target.commit, path) !== undefined);
}

const PURPOSE = { undo: "an undo", rollback: "a rollback", restore: "a restore" } as const;

function oneRound(context: RunContext, request: GoBackRequest): WentBack | undefined {
  const { repository, branch, recorder, options, source } = context;
  const before = repository.readRef(branch);
  // Found before the folder's own changes are committed: these are newer than any of it.
  const plan = planOf(context, request, before);
  const local = options.dryRun && source.autoCommit ? localChanges(context) : [];
  if (!options.dryRun || !source.autoCommit) commitChanges(context);
  refuseUncommitted(context, request, plan.target);
  const head = repository.readRef(branch);
  const taken = repository.takeBack({
    on: head,
    change: plan.change(head),
    message: [plan.message, ...plan.resolutions.map(resolutionLine)].join("\n"),
    evenIfSame: plan.resolutions.length > 0,
    author: authorOf(context),
    dryRun: options.dryRun,
    signal: options.signal,
  });
  const done: WentBack = {
    source: source.name,
    branch: shortRef(branch),
    target: plan.target,
    files: fileChanges(taken, plan.alsoTouched(local)),
    left: taken.conflicts.map(({ path }) => displayPath(path)),
    reopened: plan.resolutions.filter(({ isTakenBack }) => isTakenBack).map(({ path }) => displayPath(path)),
    savepoint: undefined,
    commit: undefined,
    keptFirst: options.dryRun ? local.length : recorder.committedFiles,
    dryRun: options.dryRun,
  };
  if (taken.commit === undefined) return { ...done, savepoint: recorder.savepoint };
  const isDone = checkOut(context, {
    from: head,
    target: taken.commit,
    reason: `lull: ${request.kind}`,
    remote: undefined,
  });
  return isDone ? { ...done, savepoint: recorder.savepoint, commit: taken.commit } : undefined;
}

type Plan = {
  readonly target: Target;
  readonly message: string;
  /** What is to be said of conflicts. */
  readonly resolutions: readonly Resolution[];
  readonly change: (head: Oid | undefined) => Parameters<RunContext["repository"]["takeBack"]>[0]["change"];
  /** Of the local changes of a dry run, those that would be replaced, though the commit does not differ there. */
  readonly alsoTouched: (local: readonly RepoPath[]) => readonly RepoPath[];
};

function planOf(context: RunContext, request: GoBackRequest, head: Oid | undefined): Plan {
  const { repository, branch, source } = context;
  if (request.kind === "undo") {
    // Of something that was cut off, or held back: the branch is where it was, and nobody has noted an end.
    const isVain = (one: Savepoint): boolean =>
      one.branch === branch && one.head === head && request.after(one) === undefined;
    const savepoint = request.choose(
      repository.savepoints().filter((one) => !isVain(one)),
      branch,
    );
    const after = request.after(savepoint) ?? head;
    return {
      target: targetOf(savepoint),
      message: `Undo ${savepoint.before} of ${isoTime(savepoint.takenAt)}\n`,
      resolutions: after === undefined ? [] : contraryOf(commitsOf(repository, savepoint, after)),
      change: (now) => ({
        kind: "revert",
        // Edits that were left to the person were not the sync's, and stay theirs.
        before: source.autoCommit ? savepoint.commit : (savepoint.head ?? savepoint.commit),
        after: after ?? now ?? savepoint.commit,
        resolve: () => ({ keep: "ours" }),
      }),
      alsoTouched: () => [],
    };
  }
  const { kind, paths } = request;
  const target = findTarget(repository, { ...request.to, head });
  const differences = (now: Oid | undefined): readonly FileDifference[] =>
    repository.compare(now, target.commit);
  const verb = kind === "rollback" ? "Roll back" : "Restore";
  const what = paths.length === 1 ? ` ${displayPath(paths[0] ?? "")}` : "";
  return {
    target,
    message: `${verb}${what} to ${isoTime(target.at)}`,
    resolutions: [],
    change: (now) => ({ kind: "files", files: filesToBring(differences(now), paths, kind === "rollback") }),
    alsoTouched: (local) => local.filter((path) => isWithin(path, paths)),
  };
}

/** A file that is to be brought back, and has edits that no commit of lull's keeps first. */
function refuseUncommitted(context: RunContext, request: GoBackRequest, target: Target): void {
  const { recorder, repository, source } = context;
  if (request.kind === "undo") return;
  const { uncommitted } = recorder;
  const touched = uncommitted.find(({ path }) => {
    const then = isWithin(path, request.paths) ? repository.versionAt(target.commit, path) : undefined;
    return then !== undefined && then.oid !== repository.workVersion(path)?.oid;
  });
  if (touched !== undefined) throw wouldReplace(source, displayPath(touched.path));
}

function wouldReplace(source: RepoSource, path: string): LullError {
  return uncommittedChanges(source, {
    path,
    message: `${path} has edits that are in no commit and would be replaced`,
    again: "then run it again",
  });
}

/** Of one sync; of more than this only the newest. */
const MOST_COMMITS = 5000;

function commitsOf(repository: Repository, { head }: Savepoint, after: Oid): readonly LoggedCommit[] {
  return head === after ? [] : repository.newCommits(after, head, MOST_COMMITS);
}

function localChanges({ repository, options }: RunContext): readonly RepoPath[] {
  return repository.scan({ signal: options.signal }).changes.map(({ path }) => path);
}

function fileChanges(
  { differences, conflicts }: TakenBack,
  alsoTouched: readonly RepoPath[],
): WentBack["files"] {
  const left = new Set(conflicts.map(({ path }) => path));
  const known = new Set(differences.map(({ path }) => path));
  return [
    ...differences
      .filter(({ path }) => !left.has(path))
      .map(({ path, before, after }) => ({
        path: displayPath(path),
        change:
          before === undefined
            ? ("added" as const)
            : after === undefined
              ? ("removed" as const)
              : ("changed" as const),
      })),
    ...alsoTouched
      .filter((path) => !known.has(path))
      .map((path) => ({ path: displayPath(path), change: "changed" as const })),
  ];
}

function isoTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function stillHeld({ recorder, source }: RunContext): LullError {
  const [first] = recorder.blocked;
  const uncommitted = blockedByUncommitted(recorder);
  if (uncommitted !== undefined) return wouldReplace(source, uncommitted);
  return new LullError({
    kind: "conflict",
    code: "CHECKOUT_BLOCKED",
    message: `${first?.path ?? source.directory} can not be replaced: ${first?.reason ?? "it changes all the time"}`,
    causes: ["a program writes to it right now", "the file or its folder is write-protected"],
    hint: "close the program or mend the rights, then run it again; nothing was lost",
  });
}
