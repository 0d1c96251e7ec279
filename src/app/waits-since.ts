import type { Job } from "../queue/job.ts";

/**
 * Since when a job waits for its conditions, wall time in milliseconds. What was missed days ago has not waited since
 * then: nobody was there to look at them.
 */
export function waitsSince(job: Pick<Job, "cause" | "dueSince" | "requestedAt">): number {
  return job.cause === "catch-up" ? job.requestedAt : job.dueSince;
}
