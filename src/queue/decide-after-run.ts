/** What becomes of a job when its run has ended. Pure. */
import type { JobCause } from "./job.ts";

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
