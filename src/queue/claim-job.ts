import type { Database } from "../store/database.ts";
import { hostFailures } from "./held-hosts.ts";
import { JOB_COLUMNS, type JobRow, toJob } from "./job-row.ts";
import type { ClaimedJob } from "./job.ts";
import type { ClaimInput } from "./queue.ts";

/**
 * When thousands come due in the same moment, this many at a time join the index of turns: a claim stays short, and
 * the order among the joined ones is exact.
 */
const PROMOTED_AT_ONCE = 64;

/** Nearly always one of the first few may start; only else is it worth to go from host to host. */
const LOOKED_AT_FIRST = 8;

/** Gives the job whose turn it is to an owner. */
export function claimJob(database: Database, input: ClaimInput): ClaimedJob | undefined {
  let source: string | undefined;
  if (input.only !== undefined) source = findOnly(database, input, input.only);
  else {
    for (let isMore = true; isMore && source === undefined;) {
      isMore = promoteDue(database, input.now) === PROMOTED_AT_ONCE;
      source = findAmongFirst(database, input) ?? findBehindHeld(database, input);
    }
  }
  return source === undefined ? undefined : take(database, input, source);
}

/** Returns how many jobs were put off until now and join the line. */
function promoteDue(database: Database, now: number): number {
  const statement = database.query<unknown, [{ now: number; limit: number }]>(
    `UPDATE jobs SET state = 'ready' WHERE rowid IN (
       SELECT rowid FROM jobs WHERE state = 'waiting' AND not_before <= $now ORDER BY not_before LIMIT $limit)`,
  );
  return statement.run({ now, limit: PROMOTED_AT_ONCE }).changes;
}

/** `$host` may start another job now. */
const IS_OPEN = (host: string): string =>
  `NOT EXISTS (SELECT 1 FROM hosts WHERE hosts.host = ${host} AND held_until > $now)
   AND (${host} = ''
     OR (SELECT count(*) FROM jobs AS running WHERE running.state = 'running' AND running.host = ${host}) < $maxPerHost)`;

type Search = { readonly now: number; readonly maxPerHost: number; readonly except: string };

function searchOf({ now, maxPerHost, except }: ClaimInput): Search {
  return { now, maxPerHost, except: JSON.stringify([...(except ?? [])]) };
}

function findAmongFirst(database: Database, input: ClaimInput): string | undefined {
  const statement = database.query<{ source: string }, [Search & { readonly limit: number }]>(
    `SELECT source FROM (
       SELECT source, host, turn FROM jobs INDEXED BY jobs_by_turn
       WHERE state = 'ready' ORDER BY turn LIMIT $limit) AS first
     WHERE source NOT IN (SELECT value FROM json_each($except)) AND ${IS_OPEN("first.host")}
     ORDER BY turn LIMIT 1`,
  );
  return statement.get({ ...searchOf(input), limit: LOOKED_AT_FIRST })?.source;
}

/**
 * Goes from host to host, and of each open one takes the first job: so a host with thousands of jobs that is held or
 * full costs one step, not thousands.
 */
function findBehindHeld(database: Database, input: ClaimInput): string | undefined {
  const statement = database.query<{ source: string }, [Search]>(
    `WITH RECURSIVE line(host) AS (
       SELECT min(host) FROM jobs WHERE state = 'ready'
       UNION ALL
       SELECT (SELECT min(host) FROM jobs WHERE state = 'ready' AND host > line.host) FROM line
       WHERE line.host IS NOT NULL)
     SELECT first.source FROM line JOIN jobs AS first ON first.rowid = (
       SELECT rowid FROM jobs INDEXED BY jobs_by_host
       WHERE state = 'ready' AND host = line.host AND source NOT IN (SELECT value FROM json_each($except))
       ORDER BY turn LIMIT 1)
     WHERE line.host IS NOT NULL AND ${IS_OPEN("line.host")}
     ORDER BY first.turn LIMIT 1`,
  );
  return statement.get(searchOf(input))?.source;
}

function findOnly(database: Database, input: ClaimInput, source: string): string | undefined {
  const { now, maxPerHost } = input;
  const statement = database.query<{ source: string }, [{ now: number; maxPerHost: number; source: string }]>(
    `SELECT source FROM jobs AS one WHERE source = $source AND state IN ('ready', 'waiting') AND ${IS_OPEN("one.host")}`,
  );
  return statement.get({ now, maxPerHost, source })?.source;
}

function take(
  database: Database,
  { owner, now, leaseMs }: ClaimInput,
  source: string,
): ClaimedJob | undefined {
  const statement = database.query<JobRow, [{ source: string; owner: string; until: number }]>(
    `UPDATE jobs SET state = 'running', waits = NULL, lease_owner = $owner, lease_until = $until
     WHERE source = $source RETURNING ${JOB_COLUMNS}`,
  );
  const until = now + leaseMs;
  const [row] = statement.all({ source, owner, until });
  if (row === undefined) return undefined;
  return {
    ...toJob(row),
    state: "running",
    lease: { owner, until },
    hostFailures: row.host === "" ? 0 : hostFailures(database, row.host),
  };
}
