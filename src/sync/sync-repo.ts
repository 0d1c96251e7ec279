/**
 * One sync of one repo source, in the order that loses nothing whatever dies: look → scan → commit → fetch →
 * merge in memory → check out path by path → index → branch → push, and again when the remote moved meanwhile.
 * Knows the engine's interface and the source's settings; not the store, the queue or who asked.
 */
import { throwIfAborted } from "../base/abort.ts";
import { LullError } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";
import type { RepoSource } from "../config/config.ts";
import { shortRef } from "../git/model.ts";
import { refuseAbsentBranch } from "./absent-branch.ts";
import { awaitReady } from "./await-ready.ts";
import { isChosen as isChosenBranch } from "./branches/branch-choice.ts";
import { otherBranches, takeInOthers } from "./branches/other-branches.ts";
import { commitChanges } from "./commit-changes.ts";
import { RunGuards } from "./guards/run-guards.ts";
import { leaveThere } from "./one-way.ts";
import type { SyncRun } from "./outcome.ts";
import { reconcile } from "./reconcile.ts";
import { refuseBlocked } from "./refuse-blocked.ts";
import type { RemoteSession } from "./remote-session.ts";
import { RemotesAtOnce } from "./remotes-at-once.ts";
import type { RunContext, SyncDeps, SyncOptions } from "./run-context.ts";
import { RunRecorder } from "./run-recorder.ts";
import { squashUnsent } from "./squash/squash-unsent.ts";

/**
 * Lost races are normal when several devices push at once; each round fetches what the winner pushed. In a model
 * of five devices pushing at the same instant the slowest needed six rounds.
 */
const MOST_ROUNDS = 8;
const ROUND_DELAY_MS = 150;

/** Syncs and returns what happened; failures are part of the result, not thrown. The caller holds the lock. */
export async function syncRepo(deps: SyncDeps, source: RepoSource, options: SyncOptions): Promise<SyncRun> {
  const recorder = new RunRecorder(deps.clock, source.name, options);
  try {
    recorder.step("look", source.directory);
    const head = await awaitReady(deps.git, source, options.signal);
    recorder.branch = shortRef(head.branch);
    const repository = deps.git.open(source.directory, { sign: source.sign });
    try {
      const { clock } = deps;
      const guards = new RunGuards({ source, repository, clock, dryRun: options.dryRun });
      guards.beforeRun({ head: head.commit, lastTip: options.lastTip?.() });
      const isChosen = isChosenBranch(source.branches, shortRef(head.branch));
      const { branch } = head;
      await runRounds({ deps, source, repository, branch, isChosen, recorder, guards, options });
      recorder.tip = repository.readRef(head.branch);
      if (recorder.tip !== undefined) options.atEnd?.(repository, recorder.tip);
    } finally {
      repository.close();
    }
    return recorder.finish();
  } catch (error) {
    return recorder.fail(error);
  }
}

async function runRounds(context: RunContext): Promise<void> {
  if (!context.isChosen) {
    context.recorder.restReason = notNamed(context);
    if (otherBranches(context).length === 0) return;
  }
  await using remotes = new RemotesAtOnce(context);
  // The scan does not yield: of a whole cycle with nothing to do half the time is the remote's answer.
  await remotes.lookAhead();
  await prepare(context);
  for (let round = 1; ; round++) {
    throwIfAborted(context.options.signal);
    const settled = await oneRound(context, remotes).catch((error: unknown) => goOnAfter(error, context));
    if (settled) return;
    if (round === MOST_ROUNDS) throw stillMoving(context);
    await sleep(ROUND_DELAY_MS * round * (0.5 + context.deps.random()), context.options.signal);
  }
}

async function prepare({ options, recorder, repository }: RunContext): Promise<void> {
  if (options.prepare === undefined) return;
  recorder.step("gather", "from the home");
  const prepared = await options.prepare(repository);
  recorder.prepared = prepared;
  if (!options.dryRun) return;
  // Nothing was copied, so the scan finds nothing of it.
  const { added, updated, removed } = prepared.gathered;
  if (added + updated + removed > 0) recorder.committed(undefined, added + updated + removed);
}

function notNamed({ source, branch }: RunContext): string {
  return `${shortRef(branch)} is checked out, and \`branches\` names only ${source.branches.join(", ")}`;
}

/** The person's own git was faster: the next round takes in what they did, unless they left the branch. */
async function goOnAfter(error: unknown, { deps, source, branch, options }: RunContext): Promise<false> {
  if (!(error instanceof LullError) || !wasOvertaken(error)) throw error;
  const head = await awaitReady(deps.git, source, options.signal);
  if (head.branch === branch) return false;
  throw new LullError({
    kind: "unsafe",
    code: "REPOSITORY_BUSY",
    message: `another branch was checked out during the sync: ${shortRef(head.branch)}`,
    hint: "nothing was lost; the next sync goes on with that branch",
  });
}

function wasOvertaken({ code, data }: LullError): boolean {
  // The last: by a merge of the person that stopped right now; the next look says so.
  if (["REF_CHANGED", "INDEX_LOCKED", "INDEX_CONFLICTS"].includes(code)) return true;
  return code === "REPOSITORY_BUSY" && data["isBrief"] === true;
}

/** Returns true when everything stands; false when the folder or a remote moved meanwhile and a new round is due. */
async function oneRound(context: RunContext, remotes: RemotesAtOnce): Promise<boolean> {
  if (context.isChosen) lookAtFolder(context);
  if (context.options.dryRun) {
    await remotes.preview();
    return true;
  }
  const fetched = await remotes.fetch();
  // Before a merge, which would end the row of commits that can become one.
  if (willSend(context, fetched)) squashUnsent(context);
  let isOvertaken = false;
  for (const remote of fetched) {
    await remote.attempt(() => {
      if (!takeIn(context, remote)) isOvertaken = true;
    });
  }
  if (isOvertaken) return false;
  await remotes.send(fetched);
  if (fetched.some((remote) => remote.takeBehind())) return false;
  if (await remotes.waitForLate()) return false;
  await remotes.register();
  return true;
}

function willSend({ isChosen, source }: RunContext, fetched: readonly RemoteSession[]): boolean {
  return isChosen && source.direction !== "pull" && fetched.some(({ error }) => error === undefined);
}

function lookAtFolder(context: RunContext): void {
  if (commitChanges(context)) context.recorder.roundsInVain = 0;
  else refuseBlocked(context);
}

/** Returns false when a file changed in the meantime. */
function takeIn(context: RunContext, remote: RemoteSession): boolean {
  const { seen } = remote;
  let isDone = true;
  if (context.isChosen) refuseAbsentBranch(context, remote);
  if (context.isChosen && seen !== undefined) {
    if (context.source.direction === "push") leaveThere(context, remote, seen);
    else isDone = reconcile(context, remote, seen);
  }
  takeInOthers(context, remote);
  return isDone;
}

function stillMoving(context: RunContext): LullError {
  return new LullError({
    kind: "failed",
    code: "STILL_MOVING",
    message: `${context.source.name} kept changing while it was synced (${MOST_ROUNDS} rounds)`,
    causes: ["a program writes into the folder all the time", "many devices push at the same moment"],
    hint: "nothing was lost; the next sync goes on from here",
  });
}
