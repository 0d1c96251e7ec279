/** How a further request joins what a source has already. Pure. */
import {
  type AgainRequest,
  JOB_CAUSES,
  type JobCause,
  type JobFacts,
  type JobHints,
  type JobRequest,
  NO_FACTS,
} from "./job.ts";
import { turnOf } from "./turn.ts";

/** More paths than this are no hint any more: looking at everything is as quick, and the row stays small. */
const MOST_HINTS = 1000;

/** What a waiting job and a request have in common once they are folded. */
export type Waiting = {
  readonly cause: JobCause;
  readonly facts: JobFacts;
  readonly requestedAt: number;
  readonly dueSince: number;
  readonly notBefore: number;
  readonly hints: JobHints;
};

export function waitingOf(request: JobRequest): Waiting {
  return {
    cause: request.cause,
    facts: request.facts ?? NO_FACTS,
    requestedAt: request.at,
    dueSince: request.dueSince ?? request.at,
    notBefore: request.notBefore ?? request.at,
    hints: limited(request.hints),
  };
}

/**
 * The graver cause, the earliest times, the newest facts, and every path that either of them knows of.
 * @param isHeldBack it waits for a back-off to end or for conditions: only a person's request overrides that
 */
export function fold(first: Waiting, second: Waiting, isHeldBack: boolean): Waiting {
  const mayHasten = !isHeldBack || second.cause === "person";
  return {
    cause: JOB_CAUSES.indexOf(second.cause) < JOB_CAUSES.indexOf(first.cause) ? second.cause : first.cause,
    facts: second.facts,
    requestedAt: Math.min(first.requestedAt, second.requestedAt),
    dueSince: Math.min(first.dueSince, second.dueSince),
    notBefore: mayHasten ? Math.min(first.notBefore, second.notBefore) : first.notBefore,
    hints: unitedHints(first.hints, second.hints),
  };
}

export function foldAgain(again: AgainRequest | undefined, request: Waiting): AgainRequest {
  return again === undefined ? request : fold(again, request, false);
}

/** Since when a job that was asked for like this is ready, as its turn. */
export function firstTurn(waiting: Waiting): number {
  return turnOf(waiting, Math.max(waiting.requestedAt, waiting.notBefore));
}

/** Undefined wins: when anything may have changed, a list would hide it. */
export function unitedHints(first: JobHints, second: JobHints): JobHints {
  if (first === undefined || second === undefined) return undefined;
  return limited([...new Set([...first, ...second])]);
}

function limited(hints: JobHints): JobHints {
  return hints === undefined || hints.length > MOST_HINTS ? undefined : hints;
}
