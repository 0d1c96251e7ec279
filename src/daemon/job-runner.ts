/** Carries out claimed jobs in workers, and gives what came of them to the queue, the notices and the story. */
import type { Clock } from "../base/clock.ts";
import type { Timers } from "../base/timers.ts";
import { noteLostRun } from "../app/note-lost-run.ts";
import type { Deps } from "../app/deps.ts";
import { shareBandwidth } from "../app/share-bandwidth.ts";
import type { WorkerWork } from "../app/worker-messages.ts";
import type { Config } from "../config/config.ts";
import type { Notifier } from "../notify/notify.ts";
import { decideAfterRun } from "../queue/decide-after-run.ts";
import type { RunDecision } from "../queue/decide-after-run.ts";
import type { ClaimedJob } from "../queue/job.ts";
import type { JobQueue } from "../queue/queue.ts";
import type { SyncEvent } from "../sync/outcome.ts";
import { queueEnd, watchEnd } from "./run-end.ts";
import type { Tell } from "../app/story.ts";
import type { QueueWriter } from "./queue-writer.ts";
import type { Trouble } from "./trouble.ts";
import type { Watching } from "./watching.ts";
import type { WorkerEnd, WorkerLimits } from "./worker.ts";
import type { WorkerPool } from "./worker-pool.ts";

export type JobRunnerDeps = {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: () => number;
  readonly tell: Tell;
  readonly queue: Pick<JobQueue, "heartbeat" | "recover">;
  readonly writer: QueueWriter;
  readonly trouble: Trouble;
  readonly pool: WorkerPool;
  /** As it stands now. */
  readonly config: () => Config;
  readonly watching: Watching;
  readonly notifier: () => Notifier;
  readonly history: Pick<Deps, "runs" | "log">;
  readonly owner: string;
  /** The run of a source is over; the next turn of the daemon has to look at it. */
  readonly ended: (source: string) => void;
};

/** A daemon that dies leaves its jobs to the next one after so long at the latest; that one knows at once, though. */
export const LEASE_MS = 90_000;
const HEARTBEAT_MS = 30_000;

/** What is synced, as the config said when the job began. */
type What = Pick<Extract<WorkerWork, { readonly kind: "sync" }>, "source" | "device">;

export class JobRunner {
  readonly #deps: JobRunnerDeps;
  readonly #running = new Map<string, Promise<void>>();
  #heartbeat: Disposable | undefined;
  #recoveredAt = Number.NEGATIVE_INFINITY;

  constructor(deps: JobRunnerDeps) {
    this.#deps = deps;
  }

  get sources(): readonly string[] {
    return [...this.#running.keys()];
  }

  get count(): number {
    return this.#running.size;
  }

  /** Starts a job that was claimed; returns at once. */
  start(job: ClaimedJob, what: What, limits: WorkerLimits): void {
    const running = this.#running.size + 1;
    // Those that run give up a part before the new one begins.
    this.#shareBandwidth(running);
    const { bandwidth: all } = this.#deps.config().daemon;
    const bandwidth = shareBandwidth(all, what.source, running);
    const work = this.#run(job, what, { ...limits, bandwidth }).finally(() => {
      this.#running.delete(job.source);
      this.#shareBandwidth(this.count);
      if (this.#running.size === 0) this.#stopHeartbeat();
      this.#deps.ended(job.source);
    });
    this.#running.set(job.source, work);
    this.#heartbeat ??= this.#nextHeartbeat();
  }

  /** The config has changed: what it says of bandwidth counts for what runs as well. */
  followConfig(): void {
    this.#shareBandwidth(this.count);
  }

  #shareBandwidth(running: number): void {
    const { config, pool } = this.#deps;
    const { daemon, sources } = config();
    for (const source of sources) {
      if (!this.#running.has(source.name)) continue;
      pool.limitBandwidth(source.name, shareBandwidth(daemon.bandwidth, source, running));
    }
  }

  /**
   * Keeps the jobs that run, and takes back those that nobody runs: the end of one could not be written down, as the
   * database was locked or the disk was full. @throws LullError of the store
   */
  renewLeases(): void {
    const { queue, owner, clock } = this.#deps;
    const now = clock.now();
    if (this.count > 0) queue.heartbeat(this.sources, { owner, now, leaseMs: LEASE_MS });
    if (now - this.#recoveredAt < LEASE_MS && now >= this.#recoveredAt) return;
    this.#recoveredAt = now;
    queue.recover({ now, isAlive: (other) => other === owner });
  }

  /** Resolves when nothing runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running.values());
  }

  async #run(job: ClaimedJob, what: What, limits: WorkerLimits): Promise<void> {
    const { tell, pool, watching, clock } = this.#deps;
    const { source, cause, dueSince } = job;
    tell({ kind: "begin", source, cause, dueSince, attempts: job.attempts });
    const changed = watching.startRun(source);
    // To a worker that did not do the last scan itself a list of what changed since then says nothing. And what is not
    // watched (a tracked file that an ignore rule excludes) is found by a whole scan only, at the scheduled times.
    const hints = cause === "change" && pool.isWarm(source) ? changed : undefined;
    const order: WorkerWork = { kind: "sync", ...what, cause, hints };
    const startedAt = clock.now();
    const end = await pool.run(order, limits, (event) => this.#pass(event));
    watching.endRun(source, watchEnd(end));
    this.#settle(job, end, startedAt);
  }

  #settle(job: ClaimedJob, end: WorkerEnd, startedAt: number): void {
    const { clock, random, writer, trouble, tell, notifier, history } = this.#deps;
    const now = clock.now();
    const decision = decideAfterRun({ job, end: queueEnd(end), now, random });
    trouble.guard(() => writer.settle(job, decision));
    if (end.kind === "synced") {
      tell({ kind: "end", run: end.run });
      notifier().afterRun(end.run);
    } else if (end.kind === "refused" || end.kind === "lost") {
      const run = noteLostRun(history, {
        source: job.source,
        cause: job.cause,
        startedAt,
        durationMs: now - startedAt,
        end: end.kind === "refused" ? { error: end.error } : end,
      });
      if (end.kind === "lost") tell({ kind: "lost", source: job.source, why: end.why });
      tell({ kind: "end", run });
      notifier().afterRun(run);
    }
    this.#tellDecision(job.source, decision);
  }

  #tellDecision(source: string, decision: RunDecision): void {
    const { tell, notifier } = this.#deps;
    for (const host of decision.hosts) if (host.kind === "hold") tell({ ...host, kind: "held" });
    if (decision.kind === "retry") {
      const { at: retryAt, reason, attempts } = decision;
      tell({ kind: "retry", source, retryAt, reason, attempts });
    }
    if (decision.kind !== "park") return;
    tell({ kind: "parked", source, reason: decision.reason });
    notifier().event({ kind: "parked", source, reason: decision.reason });
  }

  #pass(event: SyncEvent): void {
    this.#deps.tell(event);
  }

  #nextHeartbeat(): Disposable {
    return this.#deps.timers.after(HEARTBEAT_MS, () => {
      this.#deps.trouble.guard(() => this.renewLeases());
      this.#heartbeat = this.#nextHeartbeat();
    });
  }

  #stopHeartbeat(): void {
    this.#heartbeat?.[Symbol.dispose]();
    this.#heartbeat = undefined;
  }
}
