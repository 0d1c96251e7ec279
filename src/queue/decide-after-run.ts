/** What becomes of a job when its run has ended. Pure. */
import { ATTENDED, type BackOff, backOffMs, MOMENTARY, UNATTENDED } from "./back-off.ts";
import type { JobCause } from "./job.ts";
import { afterCrash } from "./poison.ts";

/** What went wrong, as the queue needs to know it: the run's own error, or that of one of its remotes. */
export type RunFailure = {
  readonly kind: string;
  readonly code: string;
  readonly message: string;
  /** The same sync may succeed later without anybody changing anything. */
  readonly retry: boolean;
  /** For how long the server asked to be left alone. */
  readonly retryAfterMs: number | undefined;
  /** Host of the remote that failed; undefined: a local one, or no remote's fault. */
  readonly host: string | undefined;
};

/** How a run ended. A worker that dies before it could tell, or is killed at its deadline, has `crashed`. */
export type RunEnd =
  | {
      readonly kind: "ended";
      readonly outcome: string;
      /** Empty: all went well. */
      readonly failures: readonly RunFailure[];
    }
  | { readonly kind: "crashed"; readonly reason: string }
  /** Stopped on purpose before it was done: the daemon shuts down. */
  | { readonly kind: "interrupted" };

export type HostDecision =
  | { readonly kind: "reached"; readonly host: string }
  | {
      readonly kind: "hold";
      readonly host: string;
      readonly until: number;
      readonly reason: string;
      readonly unreachable: boolean;
    };

export type RunDecision = (
  | { readonly kind: "finish" }
  | {
      readonly kind: "retry";
      readonly at: number;
      readonly reason: string;
      readonly attempts: number;
      readonly crashes: number;
    }
  | { readonly kind: "park"; readonly reason: string }
) & {
  /** What was learnt about the hosts of its remotes. */
  readonly hosts: readonly HostDecision[];
};

export type AfterRun = {
  readonly job: {
    readonly cause: JobCause;
    readonly attempts: number;
    readonly crashes: number;
    readonly host: string | undefined;
    readonly hostFailures: number;
  };
  readonly end: RunEnd;
  readonly now: number;
  /** In [0, 1). */
  readonly random: () => number;
};

/**
 * - All well, a conflict, or what only a person can mend (credentials, a guard, a wrong URL): done; the next schedule,
 *   change or request tries anew. There is no tight loop for what does not pass by itself.
 * - What passes by itself (no network, a server's error, a full disk): again, with back-off up to an hour, for as
 *   long as it takes. A host that is not to be reached, or asked for patience, is held for all its sources.
 * - A worker that died: again; after too many times in a row it is poison and parked.
 */
export function decideAfterRun(input: AfterRun): RunDecision {
  const { job, end, now } = input;
  if (end.kind === "interrupted") {
    const { attempts, crashes } = job;
    return { kind: "retry", at: now, reason: "stopped before it was done", attempts, crashes, hosts: [] };
  }
  if (end.kind === "crashed") return { ...afterCrash(job, end.reason, now), hosts: [] };
  const hosts = hostDecisions(input, end.failures);
  const passing = end.failures.map((failure) => ({ failure, patience: patienceFor(failure, job) }));
  const first = passing.find(({ patience }) => patience !== undefined);
  if (first?.patience === undefined) return { kind: "finish", hosts };
  const failures = Math.max(job.attempts, job.hostFailures);
  const held = hosts.find((one) => one.kind === "hold" && one.host === job.host);
  // What its own host is held for is waited out exactly; a time of its own would come too early or too late.
  const at = held?.kind === "hold" ? held.until : now + backOffMs(failures, first.patience, input.random);
  return {
    kind: "retry",
    at,
    reason: first.failure.message,
    attempts: job.attempts + 1,
    crashes: 0,
    hosts,
  };
}

/** Trouble of this machine that people or programs mend without telling lull. */
const LOCAL_TROUBLE: ReadonlySet<string> = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE"]);
/** Something else was faster; the folder or the branch will hold still in a moment. */
const OVERTAKEN: ReadonlySet<string> = new Set(["STILL_MOVING", "REF_CHANGED", "INDEX_LOCKED"]);

/** Returns how to wait for a fault to pass; undefined when it does not pass by itself. */
function patienceFor(failure: RunFailure, { cause }: AfterRun["job"]): BackOff | undefined {
  if (failure.kind === "locked" || OVERTAKEN.has(failure.code)) return MOMENTARY;
  // TLS counts, although it says not to retry: the sign-in page of a hotel's network looks like that.
  const passes = failure.retry || failure.kind === "unreachable" || LOCAL_TROUBLE.has(failure.code);
  if (!passes) return undefined;
  return cause === "person" ? ATTENDED : UNATTENDED;
}

/** The connection did not come about at all; a broken answer may be the fault of one repository only. */
const UNREACHABLE: ReadonlySet<string> = new Set(["NETWORK", "TIMEOUT", "TLS"]);

function hostDecisions(input: AfterRun, failures: readonly RunFailure[]): readonly HostDecision[] {
  const decisions = failures.flatMap((failure): readonly HostDecision[] => {
    const decision = failure.host === undefined ? undefined : hold(failure, failure.host, input);
    return decision === undefined ? [] : [decision];
  });
  const { host } = input.job;
  const outcome = input.end.kind === "ended" ? input.end.outcome : "";
  const isReached = REACHED.has(outcome) && failures.every((failure) => failure.host !== host);
  return host !== undefined && isReached ? [...decisions, { kind: "reached", host }] : decisions;
}

/** Outcomes that nobody gets to without having talked to the remote. */
const REACHED: ReadonlySet<string> = new Set(["synced", "up-to-date", "conflict", "partial"]);

function hold(failure: RunFailure, host: string, { job, now, random }: AfterRun): HostDecision | undefined {
  const reason = failure.message;
  if (failure.retryAfterMs !== undefined)
    return { kind: "hold", host, until: now + failure.retryAfterMs, reason, unreachable: false };
  if (!UNREACHABLE.has(failure.code)) return undefined;
  const failures = host === job.host ? Math.max(job.attempts, job.hostFailures) : job.attempts;
  const patience = job.cause === "person" ? ATTENDED : UNATTENDED;
  return {
    kind: "hold",
    host,
    until: now + backOffMs(failures, patience, random),
    reason,
    unreachable: true,
  };
}
