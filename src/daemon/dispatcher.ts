/** Hands the jobs whose turn it is to workers, or puts them off until it is a good moment. */
import { noteDeferral } from "../app/history.ts";
import type { Deps } from "../app/deps.ts";
import type { Tell } from "../app/story.ts";
import type { Clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import type { ClaimedJob } from "../queue/job.ts";
import type { JobQueue } from "../queue/queue.ts";
import type { Answer, Gate } from "./gate.ts";
import { type JobRunner, LEASE_MS } from "./job-runner.ts";
import type { KnownSource } from "./known-source.ts";
import type { QueueWriter } from "./queue-writer.ts";

export type DispatcherDeps = {
  readonly clock: Clock;
  readonly queue: JobQueue;
  readonly writer: QueueWriter;
  readonly owner: string;
  readonly gate: Gate;
  readonly runner: JobRunner;
  readonly history: Pick<Deps, "runs" | "log">;
  readonly tell: Tell;
  /** Fires when the daemon ends: nothing new begins. */
  readonly signal: AbortSignal;
};

/** The gate looks at a waiting job again in time; the queue is to give it out by itself only if that fails. */
const LATE_MS = 3_600_000;

export class Dispatcher {
  readonly #deps: DispatcherDeps;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  /** Starts as many as may run at once. */
  async dispatch(config: Config, sources: ReadonlyMap<string, KnownSource>): Promise<void> {
    const { clock, queue, owner, gate, runner, signal } = this.#deps;
    const limits = config.daemon;
    const free = await gate.recheck(signal);
    if (free.length > 0) queue.wake(clock.now(), free);
    while (runner.count < limits.concurrency && !signal.aborted) {
      const job = queue.claim({ now: clock.now(), owner, leaseMs: LEASE_MS, maxPerHost: limits.perHost });
      if (job === undefined) return;
      const known = sources.get(job.source);
      if (known === undefined) {
        queue.remove(job.source);
        continue;
      }
      await this.#decide(job, config, known);
    }
  }

  async #decide(job: ClaimedJob, config: Config, known: KnownSource): Promise<void> {
    const { gate, writer, signal } = this.#deps;
    try {
      const answer = await gate.ask(job, known, signal);
      // The daemon was asked to end meanwhile.
      if (signal.aborted) writer.giveBack(job);
      else if (answer.kind === "wait") this.#putOff(job, answer);
      else this.#start(job, answer, { config, known });
    } catch (error) {
      // It is claimed and nobody runs it: without this it would be stuck as long as the daemon lives.
      writer.giveBack(job);
      throw error;
    }
  }

  #start(
    job: ClaimedJob,
    answer: Extract<Answer, { readonly kind: "go" }>,
    { config, known }: { readonly config: Config; readonly known: KnownSource },
  ): void {
    const { tell, runner } = this.#deps;
    const { source } = job;
    const words = (all: readonly { readonly words: string }[]): readonly string[] =>
      all.map((one) => one.words);
    if (answer.overdue) tell({ kind: "overdue", source, despite: words(answer.despite) });
    if (answer.assumed.length > 0) tell({ kind: "assumed", source, words: words(answer.assumed) });
    const { deadlineMs, memory } = config.daemon;
    runner.start(job, { source: known.source, device: config.device }, { deadlineMs, memoryBytes: memory });
  }

  #putOff(
    job: ClaimedJob,
    answer: Extract<Answer, { readonly kind: "wait" }> & { readonly isNews: boolean },
  ): void {
    const { queue, owner, tell, history, clock } = this.#deps;
    const { source, cause, dueSince } = job;
    const { waits, latestAt, recheckAt, isNews } = answer;
    queue.defer(owner, { source, until: latestAt ?? recheckAt + LATE_MS, waits });
    if (!isNews) return;
    noteDeferral({ ...history, clock }, { source, cause, waits });
    tell({ kind: "waiting", source, reasons: waits.map(({ text }) => text), dueSince, latestAt });
  }
}
