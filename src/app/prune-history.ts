import type { Deps } from "./deps.ts";

/** As many rows as one transaction deletes: a few milliseconds, so that whoever waits for the database hardly notices. */
const ROWS_AT_ONCE = 500;

export type PruneResult = { readonly runs: number; readonly auditEntries: number };

/**
 * Deletes runs and audit entries that are older than the retention, in small batches between which others get their
 * turn. The newest run and the newest good run of each source stay. Ends early, without an error, when it is aborted.
 */
export async function pruneHistory(
  deps: Pick<Deps, "runs" | "audit" | "clock">,
  input: { readonly historyMs: number },
  context: { readonly signal: AbortSignal },
): Promise<PruneResult> {
  const before = deps.clock.now() - input.historyMs;
  const runs = await inBatches((limit) => deps.runs.prune({ before, limit }), context.signal);
  const auditEntries = await inBatches((limit) => deps.audit.prune({ before, limit }), context.signal);
  return { runs, auditEntries };
}

async function inBatches(prune: (limit: number) => number, signal: AbortSignal): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const pruned = prune(ROWS_AT_ONCE);
    total += pruned;
    if (pruned < ROWS_AT_ONCE) break;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return total;
}
