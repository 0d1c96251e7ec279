/**
 * Writes requests and the ends of runs into the queue. What can not be written now (a full disk, a database that another
 * program holds) is kept and written in a later turn, so that neither is lost while the daemon lives.
 */
import type { Clock } from "../base/clock.ts";
import type { RunDecision } from "../queue/decide-after-run.ts";
import type { Job, JobRequest } from "../queue/job.ts";
import type { JobQueue } from "../queue/queue.ts";

export type QueueWriterDeps = {
  readonly clock: Clock;
  readonly queue: JobQueue;
  readonly owner: string;
};

type End = { readonly job: Job; readonly decision: RunDecision };

export class QueueWriter {
  readonly #deps: QueueWriterDeps;
  #ends: readonly End[] = [];
  /** By source and cause: a noisy folder asks again and again. */
  readonly #requests = new Map<string, JobRequest>();

  constructor(deps: QueueWriterDeps) {
    this.#deps = deps;
  }

  /** @throws LullError of the store; the requests are kept for the next `flush` then */
  request(requests: readonly JobRequest[]): void {
    for (const request of requests) {
      const key = `${request.source} ${request.cause}`;
      const before = this.#requests.get(key);
      this.#requests.set(key, before === undefined ? request : joined(before, request));
    }
    this.flush();
  }

  /** @throws LullError of the store; the decision is kept for the next `flush` then */
  settle(job: Job, decision: RunDecision): void {
    this.#ends = [...this.#ends, { job, decision }];
    this.flush();
  }

  /** Puts a job back that was claimed and not begun. Throws as `settle` does. */
  giveBack(job: Job): void {
    const { attempts, crashes, reason = "it was not begun" } = job;
    this.settle(job, {
      kind: "retry",
      at: this.#deps.clock.now(),
      reason,
      attempts,
      crashes,
      hosts: [],
    });
  }

  /** A source has left the config. */
  forget(source: string): void {
    for (const [key, request] of this.#requests) if (request.source === source) this.#requests.delete(key);
  }

  /** Writes what is still to be written. @throws LullError of the store */
  flush(): void {
    while (this.#ends[0] !== undefined) {
      this.#write(this.#ends[0]);
      this.#ends = this.#ends.slice(1);
    }
    if (this.#requests.size === 0) return;
    this.#deps.queue.request([...this.#requests.values()]);
    this.#requests.clear();
  }

  #write({ job, decision }: End): void {
    const { clock, queue, owner } = this.#deps;
    const now = clock.now();
    if (queue.settle({ source: job.source, owner }, decision, now) || decision.kind !== "retry") return;
    // The database was replaced meanwhile and knows nothing of the job: what is to be tried again is asked for anew.
    if (queue.get(job.source) !== undefined) return;
    const { source, cause, dueSince, host, facts } = job;
    queue.request([
      { source, cause, dueSince, host, facts, at: now, notBefore: decision.at, hints: undefined },
    ]);
  }
}

/** The earlier request with what the later one adds. */
function joined(first: JobRequest, second: JobRequest): JobRequest {
  return {
    ...second,
    at: first.at,
    dueSince: Math.min(first.dueSince ?? first.at, second.dueSince ?? second.at),
    notBefore: Math.min(first.notBefore ?? first.at, second.notBefore ?? second.at),
    hints: undefined,
  };
}
