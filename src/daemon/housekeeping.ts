/** What a process that runs for years has to tidy up, once a day and when nothing else is to be done. */
import type { Deps } from "../app/deps.ts";
import type { Clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import type { AuditStore } from "../store/audit-store.ts";
import type { Tell } from "../app/story.ts";
import type { WorkerPool } from "./worker-pool.ts";

export type HousekeepingDeps = {
  readonly clock: Clock;
  readonly history: Pick<Deps, "runs">;
  readonly audit: AuditStore;
  readonly pool: WorkerPool;
  readonly tell: Tell;
};

const DAY_MS = 24 * 3_600_000;
/** Not right at the start, when a person or a log-on script waits for other things. */
const FIRST_MS = 10 * 60_000;
/** Rows in one transaction: others may want to write in between. */
const BATCH = 500;

export class Housekeeping {
  readonly #deps: HousekeepingDeps;
  #dueAt: number;

  constructor(deps: HousekeepingDeps) {
    this.#deps = deps;
    this.#dueAt = deps.clock.now() + FIRST_MS;
  }

  get dueAt(): number {
    return this.#dueAt;
  }

  look(config: Config, state: { readonly isBusy: boolean }): void {
    const now = this.#deps.clock.now();
    // A clock that was set back must not put it off for years.
    if (this.#dueAt > now + DAY_MS) this.#dueAt = now + DAY_MS;
    if (now < this.#dueAt) return;
    if (state.isBusy) {
      this.#dueAt = now + FIRST_MS;
      return;
    }
    this.#dueAt = now + DAY_MS;
    const before = now - config.daemon.retention.historyMs;
    const { history, audit, tell, pool } = this.#deps;
    const runs = inBatches((limit) => history.runs.prune({ before, limit }));
    const entries = inBatches((limit) => audit.prune({ before, limit }));
    if (runs + entries > 0) tell({ kind: "tidied", runs: runs + entries });
    const limits = { deadlineMs: config.daemon.deadlineMs, memoryBytes: config.daemon.memory };
    // A sync that meets the lock of a repository that is just tended comes again soon.
    void pool.run({ kind: "maintain" }, limits);
  }
}

function inBatches(prune: (limit: number) => number): number {
  let total = 0;
  for (let done = BATCH; done === BATCH; total += done) done = prune(BATCH);
  return total;
}
