import type { Database } from "bun:sqlite";

import { GOOD_OUTCOMES, RUN_COLUMNS, type RunRow, toRun } from "./run-row.ts";
import type { RunStats } from "./run-stats.ts";
import type { StoredRun } from "./run-store.ts";

/** Reading the details of more runs takes long and hardly moves a median. */
const MOST_DETAILS = 1000;

type Range = { readonly source: string | null; readonly since: number };
const IN_RANGE = "started_at >= $since AND ($source IS NULL OR source = $source)";

/** Everything but the steps and the last failure comes from one index, which holds no details. */
export function measureRuns(
  database: Database,
  filter: { readonly source?: string | undefined; readonly since: number },
): RunStats {
  const range: Range = { source: filter.source ?? null, since: filter.since };
  const groups = outcomeGroups(database, range);
  return {
    since: filter.since,
    total: groups.reduce((total, { runs }) => total + runs, 0),
    outcomes: Object.fromEntries(groups.map(({ outcome, runs }) => [outcome, runs])),
    successRate: successRate(groups),
    duration: durations(database, range),
    steps: stepMedians(database, range),
    ...amounts(database, range),
    lastFailure: lastFailure(database, range),
  };
}

type OutcomeGroup = { readonly outcome: string; readonly isGood: number; readonly runs: number };

function outcomeGroups(database: Database, range: Range): readonly OutcomeGroup[] {
  const statement = database.query<OutcomeGroup, [Range]>(
    `SELECT outcome, outcome IN ${GOOD_OUTCOMES} AS isGood, count(*) AS runs
     FROM runs INDEXED BY runs_by_time WHERE ${IN_RANGE} GROUP BY outcome ORDER BY runs DESC, outcome`,
  );
  return statement.all(range);
}

type Amounts = Pick<
  RunStats,
  "filesCommitted" | "commitsReceived" | "commitsSent" | "bytesReceived" | "bytesSent" | "conflicts"
>;

/** Apart from the counts of outcomes: to group with all of these columns takes twice as long as both. */
function amounts(database: Database, range: Range): Amounts {
  const statement = database.query<Amounts, [Range]>(
    `SELECT coalesce(sum(files_committed), 0) AS filesCommitted, coalesce(sum(commits_received), 0) AS commitsReceived,
       coalesce(sum(commits_sent), 0) AS commitsSent, coalesce(sum(bytes_received), 0) AS bytesReceived,
       coalesce(sum(bytes_sent), 0) AS bytesSent, coalesce(sum(conflicts), 0) AS conflicts
     FROM runs INDEXED BY runs_by_time WHERE ${IN_RANGE}`,
  );
  return statement.get(range) ?? NO_AMOUNTS;
}

const NO_AMOUNTS: Amounts = {
  filesCommitted: 0,
  commitsReceived: 0,
  commitsSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  conflicts: 0,
};

/** What was left alone on purpose, or only put off, is neither a success nor a failure. */
const NO_ATTEMPT: ReadonlySet<string> = new Set(["skipped", "deferred"]);

function successRate(groups: readonly OutcomeGroup[]): number | undefined {
  const attempts = groups.filter(({ outcome }) => !NO_ATTEMPT.has(outcome));
  const total = attempts.reduce((count, { runs }) => count + runs, 0);
  const good = attempts.reduce((count, { runs, isGood }) => count + (isGood === 1 ? runs : 0), 0);
  return total === 0 ? undefined : good / total;
}

type Bucket = { readonly ms: number; readonly runs: number };

function durations(database: Database, range: Range): RunStats["duration"] {
  const statement = database.query<Bucket, [Range]>(
    `SELECT duration_ms AS ms, count(*) AS runs FROM runs INDEXED BY runs_by_time
     WHERE ${IN_RANGE} AND outcome IN ${GOOD_OUTCOMES} GROUP BY duration_ms ORDER BY duration_ms`,
  );
  const buckets = statement.all(range);
  if (buckets.length === 0) return undefined;
  return { medianMs: quantile(buckets, 0.5), p95Ms: quantile(buckets, 0.95) };
}

/** The smallest value that at least this share of all is not above (nearest rank). */
function quantile(buckets: readonly Bucket[], share: number): number {
  const total = buckets.reduce((count, { runs }) => count + runs, 0);
  let left = Math.ceil(total * share);
  for (const { ms, runs } of buckets) {
    left -= runs;
    if (left <= 0) return ms;
  }
  return buckets.at(-1)?.ms ?? 0;
}

type StepRow = { readonly id: number; readonly name: string; readonly ms: number };

/** A step that came several times in a run (a lost race) counts with its sum. */
function stepMedians(database: Database, range: Range): RunStats["steps"] {
  const statement = database.query<StepRow, [Range & { readonly limit: number }]>(
    `SELECT runs.id, step.value ->> 'name' AS name, sum(step.value ->> 'ms') AS ms
     FROM runs, json_each(iif(json_valid(detail), detail, '{}'), '$.steps') AS step
     WHERE runs.id IN (
       SELECT id FROM runs INDEXED BY runs_by_time WHERE ${IN_RANGE} AND outcome IN ${GOOD_OUTCOMES}
       ORDER BY started_at DESC LIMIT $limit)
     GROUP BY runs.id, name`,
  );
  const byName = new Map<string, number[]>();
  const runs = new Set<number>();
  for (const { id, name, ms } of statement.all({ ...range, limit: MOST_DETAILS })) {
    runs.add(id);
    const times = byName.get(name);
    if (times === undefined) byName.set(name, [ms]);
    else times.push(ms);
  }
  const medians = [...byName].map(([name, times]) => ({ name, ms: median(times) }));
  return { runs: runs.size, medians };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
}

function lastFailure(database: Database, range: Range): StoredRun | undefined {
  const statement = database.query<RunRow, [Range]>(
    `SELECT ${RUN_COLUMNS} FROM runs WHERE id = (
       SELECT id FROM runs INDEXED BY runs_by_time WHERE ${IN_RANGE} AND outcome = 'failed'
       ORDER BY started_at DESC, id DESC LIMIT 1)`,
  );
  const row = statement.get(range);
  return row === null ? undefined : toRun(row);
}
