/** What the last runs of a source say about how much its next one matters. Pure. */
import { type JobFacts, NO_FACTS } from "../queue/job.ts";
import type { LastRuns } from "../store/run-store.ts";

/** Somebody who changed something today is likely to go on. */
const RECENT_MS = 24 * 3_600_000;

const MAIN_BRANCHES: ReadonlySet<unknown> = new Set(["main", "master", "trunk"]);

export function factsOf({ newest, newestGood }: LastRuns, now: number): JobFacts {
  if (newest === undefined) return NO_FACTS;
  const failed = newest.outcome === "failed" || newest.outcome === "partial";
  return {
    recentActivity: now - newest.startedAt < RECENT_MS && newest.filesCommitted > 0,
    mainBranch: MAIN_BRANCHES.has(branchOf((newestGood ?? newest).detail)),
    // What it committed it could not send.
    unpushed: failed && newest.filesCommitted > 0,
  };
}

function branchOf(detail: string): unknown {
  try {
    const run: unknown = JSON.parse(detail);
    return typeof run === "object" && run !== null && "branch" in run ? run.branch : undefined;
  } catch {
    return undefined;
  }
}
