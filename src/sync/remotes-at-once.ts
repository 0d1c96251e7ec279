/**
 * The remotes of one run side by side: none waits for another's answer. What they bring is handed over in their order;
 * a late one, for which the others have waited long enough, is left out of their rounds until it has answered.
 */
import { LullError } from "../base/errors.ts";
import { previewOthers, pushesOfOthers } from "./branches/other-branches.ts";
import { FetchOrder } from "./fetch-order.ts";
import { RemoteSession } from "./remote-session.ts";
import type { RunContext } from "./run-context.ts";
import { SharedProgress } from "./shared-progress.ts";
import { Slots } from "./slots.ts";
import { forgetUnsent } from "./squash/squash-unsent.ts";

/** Each may hold as much memory as a pack takes while it comes or goes. */
const AT_ONCE = 4;

export class RemotesAtOnce implements AsyncDisposable {
  readonly #context: RunContext;
  readonly #sessions: readonly RemoteSession[];
  readonly #slots = new Slots(AT_ONCE);
  /** Fetches under way. */
  readonly #fetches = new Map<RemoteSession, Promise<void>>();
  /** Ends what is under way when the run ends. */
  readonly #end = new AbortController();

  constructor(context: RunContext) {
    const { source, recorder, options } = context;
    const signal = AbortSignal.any([options.signal, this.#end.signal]);
    const progress = new SharedProgress((step, done, total, unit) =>
      options.onEvent?.({ kind: "progress", source: source.name, step, done, total, unit }),
    );
    this.#context = context;
    this.#sessions = source.remotes.map((remote) => {
      const isBesideOthers = source.remotes.length > 1;
      return new RemoteSession(context, { remote, signal, progress, isBesideOthers });
    });
    recorder.remotes = this.#sessions;
  }

  /** Asks all for their branches without waiting for the answers: only until the questions are on their way. */
  async lookAhead(): Promise<void> {
    await Promise.all(this.#sessions.map((remote) => remote.lookAhead()));
  }

  /** For a dry run. */
  async preview(): Promise<void> {
    this.#step("fetch", this.#sessions);
    await this.#each(this.#sessions, (remote) => remote.attempt(() => remote.preview()));
    const sound = this.#sessions.filter((remote) => remote.error === undefined);
    for (const result of sound.flatMap((remote) => previewOthers(this.#context, remote)))
      this.#context.recorder.otherBranch(result);
  }

  /** Fetches from all that have not failed, and returns those that have news to be taken in or none, in order. */
  async fetch(): Promise<readonly RemoteSession[]> {
    // One that failed in an earlier round is left for the next sync: each round could wait for its deadline anew.
    const sound = this.#sessions.filter((remote) => remote.error === undefined);
    const due = sound.filter((remote) => !this.#fetches.has(remote) && !remote.isFetched);
    this.#step("fetch", due);
    using order = new FetchOrder(this.#context.deps.patienceMs);
    for (const remote of due) {
      const fetched = order.begin((inTurn) =>
        this.#slots.run(() => remote.attempt(() => remote.fetch(inTurn))),
      );
      const done = fetched.finally(() => this.#fetches.delete(remote));
      // Nobody may wait for a late one when the run fails.
      done.catch(() => {});
      this.#fetches.set(remote, done);
    }
    await order.settled();
    return sound.filter((remote) => remote.takeFetched());
  }

  /**
   * Pushes, unless the source only pulls.
   * @param remotes what `fetch` returned
   */
  async send(remotes: readonly RemoteSession[]): Promise<void> {
    const { source, isChosen } = this.#context;
    if (source.direction !== "pull") return this.#push(remotes);
    if (isChosen) for (const remote of remotes) remote.keepHere();
  }

  async #push(remotes: readonly RemoteSession[]): Promise<void> {
    const due = remotes.filter((remote) => remote.error === undefined);
    this.#step("push", due);
    if (due.length > 0) forgetUnsent(this.#context);
    await this.#each(due, (remote) =>
      remote.attempt(() => {
        const others = pushesOfOthers(this.#context, remote);
        return pushEach(this.#context.isChosen ? [() => remote.push(), ...others] : others);
      }),
    );
  }

  /** Waits for late remotes: true when one has something to be taken in, false when no more will come. */
  async waitForLate(): Promise<boolean> {
    for (let isFirst = true; ; isFirst = false) {
      if (this.#sessions.some((remote) => remote.isFetched)) return true;
      if (this.#fetches.size === 0) return false;
      if (isFirst) this.#step("fetch", [...this.#fetches.keys()]);
      await Promise.race(this.#fetches.values());
    }
  }

  /** Makes this device known in each, now and then; one after the other, as hardly any of them has anything to say. */
  async register(): Promise<void> {
    const { source, isChosen } = this.#context;
    if (source.direction === "pull" || !isChosen) return;
    for (const remote of this.#sessions) await remote.register();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Only when the run failed; otherwise connections end as they should.
    if (this.#fetches.size > 0) this.#end.abort();
    await Promise.allSettled(this.#fetches.values());
    await Promise.all(this.#sessions.map((remote) => remote.close()));
  }

  /** Waits for all, also when one fails, so that nothing goes on behind the run's back. */
  async #each(
    remotes: readonly RemoteSession[],
    work: (remote: RemoteSession) => Promise<void>,
  ): Promise<void> {
    const working = remotes.map((remote) => this.#slots.run(() => work(remote)));
    for (const { reason } of (await Promise.allSettled(working)).filter((end) => end.status === "rejected"))
      throw reason;
  }

  #step(name: "fetch" | "push", remotes: readonly RemoteSession[]): void {
    const urls = remotes.map((remote) => remote.shownUrl);
    if (urls.length > 0) this.#context.recorder.step(name, urls.join(", "));
  }
}

/** A branch that the remote refuses does not keep the others back; the first refusal is thrown after them. */
async function pushEach(pushes: readonly (() => Promise<void>)[]): Promise<void> {
  let refusal: LullError | undefined;
  for (const push of pushes) {
    try {
      await push();
    } catch (error) {
      if (!(error instanceof LullError) || !isRefusal(error)) throw error;
      refusal ??= error;
    }
  }
  if (refusal !== undefined) throw refusal;
}

/** The remote has judged this one branch. What else fails, a connection or this disk, would fail the next one too. */
function isRefusal({ code, data }: LullError): boolean {
  return ["FORBIDDEN", "REMOTE_ERROR"].includes(code) && data["ref"] !== undefined;
}
