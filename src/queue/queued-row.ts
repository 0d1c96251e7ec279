/** Rows of jobs that wait, made of requests and of runs that have ended. Pure. */
import { firstTurn, fold, type Waiting } from "./fold.ts";
import { againOf, hintsOf, hintsText, type JobRow } from "./job-row.ts";
import type { JobFacts } from "./job.ts";
import { turnOf } from "./turn.ts";

/** A job nobody has tried yet. */
export function newRow(source: string, host: string, waiting: Waiting, now: number): JobRow {
  return {
    ...columnsOf(waiting),
    source,
    host,
    state: stateFor(waiting.notBefore, now),
    turn: firstTurn(waiting),
    attempts: 0,
    crashes: 0,
    waits: null,
    again: null,
    leaseOwner: null,
    leaseUntil: null,
    reason: null,
  };
}

export function waitingPartOf(row: JobRow): Waiting {
  return {
    cause: row.cause,
    facts: JSON.parse(row.facts) as JobFacts,
    requestedAt: row.requestedAt,
    dueSince: row.dueSince,
    notBefore: row.notBefore,
    hints: hintsOf(row.hints),
  };
}

export function columnsOf(
  waiting: Waiting,
): Pick<JobRow, "cause" | "facts" | "requestedAt" | "dueSince" | "notBefore" | "hints"> {
  return { ...waiting, facts: JSON.stringify(waiting.facts), hints: hintsText(waiting.hints) };
}

/**
 * The run has ended and the job goes back, not before `at`. What was asked for meanwhile joins it; a person is not
 * made to wait for a back-off.
 */
export function putOffRow(row: JobRow, at: number, now: number): JobRow {
  const again = againOf(row);
  const before = { ...waitingPartOf(row), notBefore: at };
  const waiting = again === undefined ? before : fold(before, again, true);
  return {
    ...row,
    ...columnsOf(waiting),
    state: stateFor(waiting.notBefore, now),
    // It stands in line from when it may be tried again; else a remote that fails for days comes before everything.
    turn: turnOf(waiting, Math.max(now, waiting.notBefore)),
    again: null,
    waits: null,
    leaseOwner: null,
    leaseUntil: null,
  };
}

export function stateFor(notBefore: number, now: number): "ready" | "waiting" {
  return notBefore <= now ? "ready" : "waiting";
}
