/** What a process that runs for years has to tidy up, once a day and when nothing else is to be done. */
import type { Deps } from "../app/deps.ts";
import { pruneHistory } from "../app/prune-history.ts";
import type { Clock } from "../base/clock.ts";
import type { Config } from "../config/config.ts";
import type { AuditStore } from "../store/audit-store.ts";
import type { Tell } from "../app/story.ts";
import { wordsOf } from "./error-words.ts";
import type { WorkerPool } from "./worker-pool.ts";

export type HousekeepingDeps = {
  readonly clock: Clock;
  readonly history: Pick<Deps, "runs">;
  readonly audit: AuditStore;
  readonly pool: WorkerPool;
  readonly tell: Tell;
  /** Fires when the daemon ends. */
  readonly signal: AbortSignal;
};

const DAY_MS = 24 * 3_600_000;
/** Not right at the start, when a person or a log-on script waits for other things. */
const FIRST_MS = 10 * 60_000;

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
    void this.#prune(config.daemon.retention);
    const limits = { deadlineMs: config.daemon.deadlineMs, memoryBytes: config.daemon.memory };
    // A sync that meets the lock of a repository that is just tended comes again soon.
    void this.#deps.pool.run({ kind: "maintain" }, limits);
  }

  async #prune(input: { readonly historyMs: number }): Promise<void> {
    const { history, audit, clock, signal, tell } = this.#deps;
    try {
      const { runs, auditEntries } = await pruneHistory({ runs: history.runs, audit, clock }, input, {
        signal,
      });
      if (runs + auditEntries > 0) tell({ kind: "tidied", runs, auditEntries });
    } catch (error) {
      tell({ kind: "trouble", ...wordsOf(error) });
    }
  }
}
