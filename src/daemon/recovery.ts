/** Takes back the jobs that nobody carries out any more: those of a dead daemon, and what got lost in this one. */
import type { Tell } from "../app/story.ts";
import type { Clock } from "../base/clock.ts";
import type { Notifier } from "../notify/notify.ts";
import type { JobQueue } from "../queue/queue.ts";
import { LEASE_MS } from "./job-runner.ts";

export type RecoveryDeps = {
  readonly clock: Clock;
  readonly queue: JobQueue;
  readonly owner: string;
  readonly tell: Tell;
  readonly notifier: () => Notifier;
};

/** Nothing is known to get lost while it lives; a job that did all the same is not to rest for years. */
const EVERY_MS = 600_000;

export class Recovery {
  readonly #deps: RecoveryDeps;
  #lookedAt: number;

  constructor(deps: RecoveryDeps) {
    this.#deps = deps;
    this.#lookedAt = deps.clock.monotonic();
  }

  /** What is claimed now is of a daemon that is gone: this one holds the lock. @throws LullError of the store */
  start(): void {
    this.#recover(() => false);
  }

  /** To be called in each turn. @param running sources that are just synced. @throws LullError of the store */
  look(running: readonly string[]): void {
    if (this.#deps.clock.monotonic() - this.#lookedAt >= EVERY_MS) this.lookNow(running);
  }

  /** The same at once; also puts times right that were noted while the clock ran ahead. Throws as `look` does. */
  lookNow(running: readonly string[]): void {
    const { clock, queue, owner } = this.#deps;
    this.#lookedAt = clock.monotonic();
    // Their leases may have ended while the machine slept.
    queue.heartbeat(running, { owner, now: clock.now(), leaseMs: LEASE_MS });
    this.#recover((other) => other === owner);
  }

  #recover(isAlive: (owner: string) => boolean): void {
    const { clock, queue, tell, notifier } = this.#deps;
    const jobs = queue.recover({ now: clock.now(), isAlive });
    if (jobs.length > 0) tell({ kind: "recovered", sources: jobs.map(({ source }) => source) });
    for (const { source, state, reason = "" } of jobs) {
      if (state !== "parked") continue;
      tell({ kind: "parked", source, reason });
      notifier().event({ kind: "parked", source, reason });
    }
  }
}
