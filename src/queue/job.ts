/** One source's place in the queue, as plain data. Times are milliseconds since 1970 UTC. */

/** From the gravest to the least: a person waits for it; a file changed; the calendar says so. */
export const JOB_CAUSES = ["person", "change", "catch-up", "start", "schedule"] as const;
export type JobCause = (typeof JOB_CAUSES)[number];

/** What is known of a source when it is asked for; each lifts it within its class. */
export type JobFacts = {
  /** Somebody worked in it lately. */
  readonly recentActivity: boolean;
  /** Its main branch is checked out. */
  readonly mainBranch: boolean;
  /** It has commits that no remote has yet. */
  readonly unpushed: boolean;
};

export const NO_FACTS: JobFacts = { recentActivity: false, mainBranch: false, unpushed: false };

/** Paths below the source's folder that may have changed, with `/`; undefined: anything may have changed. */
export type JobHints = readonly string[] | undefined;

export type JobRequest = {
  readonly source: string;
  readonly cause: JobCause;
  /** When the request was made: now. */
  readonly at: number;
  /** When it was due; default `at`. After downtime it lies in the past. */
  readonly dueSince?: number;
  /** Not earlier than this (jitter, quiet period); default `at`. Later requests can only bring it forward. */
  readonly notBefore?: number;
  /** Host of the main remote, whose limit and holds count; undefined: a local one, without either. */
  readonly host: string | undefined;
  readonly hints: JobHints;
  /** Default: none. The newest request's facts hold. */
  readonly facts?: JobFacts;
};

/** A condition that a due job waits for. */
export type JobWait = {
  /** Stable word: `network`, `idle`, `power`, `paused` … A row is rewritten only when the set of these changes. */
  readonly condition: string;
  /** For people, with the value measured when the waiting began: `on battery (41 %, wanted >= 50 %)`. */
  readonly text: string;
};

export type Lease = { readonly owner: string; readonly until: number };

/** Asked for again while it runs: becomes a new job as soon as the run has ended. */
export type AgainRequest = {
  readonly cause: JobCause;
  readonly facts: JobFacts;
  readonly requestedAt: number;
  readonly dueSince: number;
  readonly notBefore: number;
  readonly hints: JobHints;
};

export type Job = {
  readonly source: string;
  readonly state: "queued" | "running" | "parked";
  readonly cause: JobCause;
  readonly facts: JobFacts;
  readonly host: string | undefined;
  readonly requestedAt: number;
  readonly dueSince: number;
  /** Due from here on: a jitter, a back-off, or the next look at its conditions. */
  readonly notBefore: number;
  /** Failures in a row, crashes included. */
  readonly attempts: number;
  /** Workers in a row that died over it. */
  readonly crashes: number;
  readonly hints: JobHints;
  /** Empty: it waits for its turn only. */
  readonly waits: readonly JobWait[];
  readonly again: AgainRequest | undefined;
  readonly lease: Lease | undefined;
  /** Why it was parked, or what the last attempt failed with. */
  readonly reason: string | undefined;
};

/** A job that was given out, with what the back-off needs to know of its host. */
export type ClaimedJob = Job & {
  readonly state: "running";
  readonly lease: Lease;
  /** How often in a row its host was not to be reached, whatever the source. */
  readonly hostFailures: number;
};

/** A host that is left alone for a while, with its jobs; all others go on. */
export type HeldHost = {
  readonly host: string;
  readonly until: number;
  readonly reason: string;
  /** Holds in a row for the reason that it was not to be reached. */
  readonly failures: number;
};
