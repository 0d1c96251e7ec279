/**
 * The durable queue of syncs: what waits for its turn, what runs, what rests. Owns the tables `jobs` and `hosts`, the
 * order of turns and the back-off; must not know what a sync does, nor when a source is due or whether now is a good
 * moment. One SQL operation a file; each is one transaction, so that it stands whole after a kill -9.
 *
 * Words: a *request* asks for a sync of a source; its *cause* is who or what asked. A source has at most one *job*; a
 * further request is *folded* into it, and into the job's *again* while it runs. Jobs go by *turn*: the time since
 * which one is due, less a head start for its class (`turn.ts`). A worker *claims* the job whose turn it is and holds
 * it by a *lease*, which its *heartbeat* prolongs; what a dead owner leaves is *recovered*. A job that is due but
 * waits for its conditions is *deferred*; one that failed is *retried* with back-off; a *poison* job, over which
 * workers die again and again, is *parked* until a person asks for it. A *held* host is left alone for a while.
 */
import type { ClaimedJob, HeldHost, Job, JobRequest, JobWait } from "./job.ts";
import type { RunDecision } from "./decide-after-run.ts";

export type RequestResult = {
  readonly source: string;
  /**
   * `queued`: a new job · `folded`: into one that waits · `again`: it runs; queued anew afterwards · `unparked`: a
   * person asked, so a parked one is tried anew · `parked`: it stays parked, nothing was noted.
   */
  readonly kind: "queued" | "folded" | "again" | "unparked" | "parked";
};

export type ClaimInput = {
  readonly now: number;
  /** Stable name of one daemon run, e.g. process id and its start time. */
  readonly owner: string;
  readonly leaseMs: number;
  /** Jobs of one host that may run at once; local ones are not counted. */
  readonly maxPerHost: number;
  /** Sources not to give out now, e.g. those known to wait for their conditions. */
  readonly except?: Iterable<string>;
  /** This source and no other, also before its `notBefore`; held and full hosts still count. */
  readonly only?: string;
};

export type DeferInput = {
  readonly source: string;
  /** When it is to be looked at again, if nothing `wake`s it before. */
  readonly until: number;
  readonly waits: readonly JobWait[];
};

/** Whose job it must be for the change to count: false is returned when another has taken it meanwhile. */
export type Held = { readonly source: string; readonly owner: string };

export type QueueCounts = {
  /** Waiting for their turn, deferred and put off ones included. */
  readonly queued: number;
  /** Of the queued: those that wait for a condition. */
  readonly deferred: number;
  readonly running: number;
  readonly parked: number;
};

/**
 * Every method is synchronous and atomic.
 * @throws LullError of the store: `STORE_UNUSABLE`, `STORE_BUSY`, `STORE_NEWER`, `ENOSPC`
 */
export type JobQueue = {
  /** Notes requests down in one transaction; results in the same order. Several for one source are folded in turn. */
  request(requests: readonly JobRequest[]): readonly RequestResult[];

  /** Gives out the job whose turn it is, or undefined when none may start now. */
  claim(input: ClaimInput): ClaimedJob | undefined;
  /** Prolongs the leases of these sources, also expired ones that nobody took; returns those that are still held. */
  heartbeat(
    sources: readonly string[],
    input: { readonly owner: string; readonly now: number; readonly leaseMs: number },
  ): readonly string[];

  /** Does what `decideAfterRun` says, the host's part included. Returns false when the job was taken by another. */
  settle(held: Held, decision: RunDecision, now: number): boolean;
  /** The job is done. What was asked for meanwhile is queued anew. */
  finish(held: Held, now: number): boolean;
  /** Back into the queue, not before `at`. `attempts` and `crashes` are the new counts. */
  retry(
    held: Held,
    input: {
      readonly now: number;
      readonly at: number;
      readonly reason: string;
      readonly attempts: number;
      readonly crashes: number;
    },
  ): boolean;
  /** Out of the way with a reason, until a person asks for it. A person's request that came meanwhile queues it. */
  park(held: Held, reason: string, now: number): boolean;
  /** Queues a parked job anew, with its counts at zero. Returns false when it is not parked. */
  unpark(source: string, now: number): boolean;

  /**
   * The job is due and waits for conditions. A claimed one goes back without an attempt being counted. Nothing is
   * written when it waits already, for the same conditions and at least until then. Returns false when there is no such job, or another owner's run holds it.
   */
  defer(owner: string, input: DeferInput): boolean;
  /** Conditions changed: these deferred sources, or all, are due for another look now. Returns how many. */
  wake(now: number, sources?: readonly string[]): number;

  /**
   * Leaves a host alone until then. A hold that ends later stays; `failures` counts up with `unreachable`. A person's
   * request ends a hold for an unreachable host, but not one that the host asked for.
   */
  hold(
    host: string,
    input: { readonly until: number; readonly reason: string; readonly unreachable: boolean },
  ): void;
  /**
   * The network is back: hosts that were not to be reached, and the jobs that waited for them, may be tried now. Holds
   * that a host asked for stay. Returns how many jobs that concerns.
   */
  retryUnreachable(now: number): number;
  /** The host was reached: its hold and its count of failures are forgotten. */
  reached(host: string): void;

  /**
   * Takes back what dead owners hold, and what has an expired lease (send heartbeats first). Each counts as an attempt and a crash; after
   * too many of them the job is parked. At start-up no owner but oneself is alive.
   */
  recover(input: { readonly now: number; readonly isAlive: (owner: string) => boolean }): readonly Job[];

  get(source: string): Job | undefined;
  /** Running ones first, then in the order of their turns, parked ones last. */
  list(filter?: { readonly limit?: number }): readonly Job[];
  heldHosts(now: number): readonly HeldHost[];
  counts(): QueueCounts;
  /**
   * When time alone will next make a job claimable that is not now: a `notBefore`, the end of a hold. Always later
   * than `now`; undefined: never. What can be claimed at once does not count.
   */
  nextWakeAt(now: number): number | undefined;
  /** Forgets a source that left the config, running or not. Returns whether there was a job. */
  remove(source: string): boolean;
};
