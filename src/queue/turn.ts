/**
 * Whose turn it is. A job's turn is a point in time: since when it is ready, less a head start for its class and for
 * what is known of its source. The earliest goes first. So the order among waiting jobs never changes with time (an
 * index holds it), and yet every job ages: one that has waited for longer than a head start goes before a fresh one
 * of the class above. Nothing starves. Pure.
 */
import type { JobCause, JobFacts } from "./job.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A person hardly ever waits behind anything; a saved file goes before the calendar for an hour. */
const HEAD_START_MS: Readonly<Record<JobCause, number>> = {
  person: 24 * HOUR,
  change: HOUR,
  "catch-up": 0,
  start: 0,
  schedule: 0,
};

/** All three together stay below the step to the next class. */
const LIFT_MS: Readonly<Record<keyof JobFacts, number>> = {
  unpushed: 20 * MINUTE,
  recentActivity: 15 * MINUTE,
  mainBranch: 10 * MINUTE,
};

/** @param readySince when it was asked for or, put off by a jitter or a back-off, when that ends */
export function turnOf(
  job: { readonly cause: JobCause; readonly facts: JobFacts },
  readySince: number,
): number {
  let turn = readySince - HEAD_START_MS[job.cause];
  for (const fact of ["unpushed", "recentActivity", "mainBranch"] as const) {
    if (job.facts[fact]) turn -= LIFT_MS[fact];
  }
  return turn;
}
