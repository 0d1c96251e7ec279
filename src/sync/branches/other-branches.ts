/**
 * Branches beside the checked-out one that `branches` names: without files, so they are only brought together. One that
 * can not be merged without a conflict waits until it is checked out, where a person sees the files.
 */
import { LullError } from "../../base/errors.ts";
import type { Relation } from "../../git/git.ts";
import { type Oid, shortRef } from "../../git/model.ts";
import { authorOf } from "../author.ts";
import type { BranchResult } from "../outcome.ts";
import type { RemoteSession } from "../remote-session.ts";
import type { RunContext } from "../run-context.ts";
import { relationCounts } from "../relation-counts.ts";
import { isChosen } from "./branch-choice.ts";

const HEADS = "refs/heads/";

type OtherBranch = { readonly ref: string; readonly ours: Oid };

/** None without patterns: then the checked-out branch is the one that is synced. */
export function otherBranches({ repository, source, branch }: RunContext): readonly OtherBranch[] {
  if (source.branches.length === 0) return [];
  return repository
    .branchesBelow(HEADS)
    .map(({ name, commit }) => ({ ref: `${HEADS}${name}`, ours: commit }))
    .filter(({ ref }) => ref !== branch && isChosen(source.branches, shortRef(ref)));
}

/** What the remote has is taken in: forward, or by a merge without conflicts. Nothing is written to the folder. */
export function takeInOthers(context: RunContext, remote: RemoteSession): void {
  const { repository, source, recorder } = context;
  for (const { ref, ours } of otherBranches(context)) {
    const theirs = remote.seenOf(ref);
    if (theirs === undefined) continue;
    const relation = repository.relate(ours, theirs);
    if (relation.kind === "same" || relation.kind === "ahead") continue;
    const left =
      source.direction === "push"
        ? "direction: push takes nothing in"
        : takeIn(context, remote, { ref, ours, theirs, relation });
    const received = left === undefined ? relationCounts(relation).behind : 0;
    recorder.otherBranch({ ...resultOf(ref, remote), received, left });
  }
}

type Behind = Extract<Relation, { readonly kind: "behind" | "diverged" | "unrelated" }>;
type Meeting = OtherBranch & { readonly theirs: Oid; readonly relation: Behind };

/** Returns why it was left as it is, in words; undefined: it moved. */
function takeIn(context: RunContext, remote: RemoteSession, meeting: Meeting): string | undefined {
  const { repository } = context;
  const { ref, ours, theirs, relation } = meeting;
  if (relation.kind === "unrelated") return `it has no history in common with that of ${remote.name}`;
  const to = relation.kind === "behind" ? theirs : mergeWithoutConflict(context, remote, meeting);
  if (to === undefined) {
    const { ahead, behind } = relationCounts(relation);
    return `both changed the same (${ahead} here, ${behind} there); check it out and sync`;
  }
  const reason = relation.kind === "behind" ? "lull: fast-forward" : "lull: merge";
  const hasMoved = repository.moveBranch({ branch: ref, from: ours, to, reason });
  return hasMoved ? undefined : "another work tree has it checked out";
}

/** Undefined: there are conflicts; nothing was stored. */
function mergeWithoutConflict(
  context: RunContext,
  remote: RemoteSession,
  { ref, ours, theirs }: Meeting,
): Oid | undefined {
  const { repository, deps, options } = context;
  try {
    const { commit } = repository.merge({
      ours,
      theirs,
      resolve: () => ({ keep: "ours" }),
      message: (conflicts) => {
        if (conflicts.length > 0) throw new LullError({ kind: "conflict", code: NEEDS_FILES, message: ref });
        return `Merge ${shortRef(ref)} of ${remote.name} into ${deps.device}`;
      },
      author: authorOf(context),
      signal: options.signal,
    });
    return commit;
  } catch (error) {
    if (error instanceof LullError && error.code === NEEDS_FILES) return undefined;
    throw error;
  }
}

/** Of a merge that is given up before it is stored; nobody else sees it. */
const NEEDS_FILES = "MERGE_NEEDS_FILES";

/** The pushes of those that the remote lacks or is behind with; each is to be run. */
export function pushesOfOthers(context: RunContext, remote: RemoteSession): readonly (() => Promise<void>)[] {
  const { repository, recorder } = context;
  return otherBranches(context).flatMap(({ ref, ours }) => {
    const theirs = remote.seenOf(ref);
    // What could not be taken in can not be sent either; the result says so already.
    if (theirs !== undefined && repository.relate(ours, theirs).kind !== "ahead") return [];
    const push = async (): Promise<void> => {
      const sent = await remote.pushRef(ref, ours);
      const isNew = theirs === undefined;
      if (sent !== undefined) recorder.otherBranch({ ...resultOf(ref, remote), sent, isNew });
    };
    return [push];
  });
}

/** For a dry run: what would come and go. Commits that are not here can not be counted, and count as one. */
export function previewOthers(context: RunContext, remote: RemoteSession): readonly BranchResult[] {
  const { repository, source } = context;
  return otherBranches(context).flatMap(({ ref, ours }) => {
    const theirs = remote.seenOf(ref);
    const result = resultOf(ref, remote);
    if (theirs !== undefined && !repository.has(theirs))
      return source.direction === "push" ? [] : [{ ...result, received: 1 }];
    const there =
      theirs === undefined || source.direction === "push"
        ? 0
        : relationCounts(repository.relate(ours, theirs)).behind;
    const here = source.direction === "pull" ? 0 : remote.countAhead(ours, ref);
    const isNew = theirs === undefined && source.direction !== "pull";
    return there + here === 0 && !isNew ? [] : [{ ...result, received: there, sent: here, isNew }];
  });
}

function resultOf(ref: string, remote: RemoteSession): BranchResult {
  const nothing = { received: 0, sent: 0, isNew: false, left: undefined };
  return { name: shortRef(ref), remote: remote.name, ...nothing };
}
