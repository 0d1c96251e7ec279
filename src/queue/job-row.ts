/** A row of `jobs` as SQLite gives and takes it. */
import type { Database } from "../store/database.ts";
import type { AgainRequest, Job, JobCause, JobFacts, JobHints, JobWait } from "./job.ts";

/** `ready` and `waiting` are both queued; only ready ones stand in the index of turns. */
export type JobState = "ready" | "waiting" | "running" | "parked";

export type JobRow = {
  readonly source: string;
  readonly state: JobState;
  readonly cause: JobCause;
  readonly facts: string;
  readonly turn: number;
  readonly host: string;
  readonly requestedAt: number;
  readonly dueSince: number;
  readonly notBefore: number;
  readonly attempts: number;
  readonly crashes: number;
  readonly hints: string | null;
  readonly waits: string | null;
  readonly again: string | null;
  readonly leaseOwner: string | null;
  readonly leaseUntil: number | null;
  readonly reason: string | null;
};

export const JOB_COLUMNS = `source, state, cause, facts, turn, host, requested_at AS requestedAt, due_since AS dueSince,
  not_before AS notBefore, attempts, crashes, hints, waits, again, lease_owner AS leaseOwner,
  lease_until AS leaseUntil, reason`;

export function readRow(database: Database, source: string): JobRow | undefined {
  const statement = database.query<JobRow, [{ source: string }]>(
    `SELECT ${JOB_COLUMNS} FROM jobs WHERE source = $source`,
  );
  return statement.get({ source }) ?? undefined;
}

export function writeRow(database: Database, row: JobRow): void {
  database
    .query<unknown, [JobRow]>(
      `INSERT INTO jobs (source, state, cause, facts, turn, host, requested_at, due_since, not_before, attempts,
         crashes, hints, waits, again, lease_owner, lease_until, reason)
       VALUES ($source, $state, $cause, $facts, $turn, $host, $requestedAt, $dueSince, $notBefore, $attempts,
         $crashes, $hints, $waits, $again, $leaseOwner, $leaseUntil, $reason)
       ON CONFLICT (source) DO UPDATE SET state = $state, cause = $cause, facts = $facts, turn = $turn, host = $host,
         requested_at = $requestedAt, due_since = $dueSince, not_before = $notBefore, attempts = $attempts,
         crashes = $crashes, hints = $hints, waits = $waits, again = $again, lease_owner = $leaseOwner,
         lease_until = $leaseUntil, reason = $reason`,
    )
    .run(row);
}

export function deleteRow(database: Database, source: string): boolean {
  const statement = database.query<unknown, [{ source: string }]>("DELETE FROM jobs WHERE source = $source");
  return statement.run({ source }).changes > 0;
}

/** Undefined when the job runs for another owner, or not at all any more. */
export function readHeldRow(
  database: Database,
  held: { readonly source: string; readonly owner: string },
): JobRow | undefined {
  const row = readRow(database, held.source);
  return row?.state === "running" && row.leaseOwner === held.owner ? row : undefined;
}

export function toJob(row: JobRow): Job {
  return {
    source: row.source,
    state: row.state === "ready" || row.state === "waiting" ? "queued" : row.state,
    cause: row.cause,
    facts: JSON.parse(row.facts) as JobFacts,
    host: row.host === "" ? undefined : row.host,
    requestedAt: row.requestedAt,
    dueSince: row.dueSince,
    notBefore: row.notBefore,
    attempts: row.attempts,
    crashes: row.crashes,
    hints: hintsOf(row.hints),
    waits: row.waits === null ? [] : (JSON.parse(row.waits) as readonly JobWait[]),
    again: againOf(row),
    lease:
      row.leaseOwner === null || row.leaseUntil === null
        ? undefined
        : { owner: row.leaseOwner, until: row.leaseUntil },
    reason: row.reason ?? undefined,
  };
}

export function hintsOf(text: string | null): JobHints {
  return text === null ? undefined : (JSON.parse(text) as readonly string[]);
}

/** In JSON a list without a limit is null, as in the column `hints`. */
type AgainText = Omit<AgainRequest, "hints"> & { readonly hints: readonly string[] | null };

export function againOf({ again }: Pick<JobRow, "again">): AgainRequest | undefined {
  if (again === null) return undefined;
  const { hints, ...rest } = JSON.parse(again) as AgainText;
  return { ...rest, hints: hints ?? undefined };
}

export function hintsText(hints: JobHints): string | null {
  return hints === undefined ? null : JSON.stringify(hints);
}

export function againText(again: AgainRequest): string {
  return JSON.stringify({ ...again, hints: again.hints ?? null } satisfies AgainText);
}
