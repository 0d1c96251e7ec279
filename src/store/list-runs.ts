import type { Database } from "bun:sqlite";

import { RUN_COLUMNS, type RunRow, toRun } from "./run-row.ts";
import type { RunFilter, StoredRun } from "./run-store.ts";

/** Returns runs, newest first. */
export function listRuns(database: Database, filter: RunFilter): readonly StoredRun[] {
  const statement = database.query<RunRow, [Record<string, string | number>]>(
    `SELECT ${RUN_COLUMNS} FROM runs WHERE id IN (${idsOf(filter)}) ORDER BY id DESC`,
  );
  const { source, outcomes, since, limit } = filter;
  const rows = statement.all({
    limit,
    ...(source === undefined ? {} : { source }),
    ...(outcomes === undefined ? {} : { outcomes: JSON.stringify(outcomes) }),
    ...(since === undefined ? {} : { since }),
  });
  return rows.map(toRun);
}

/** A statement for each combination of filters: each finds its rows in an index, without reading the long details. */
function idsOf({ source, outcomes, since }: RunFilter): string {
  const index = outcomes === undefined && since === undefined ? "" : "INDEXED BY runs_by_time";
  const conditions = [
    source === undefined ? "" : "source = $source",
    outcomes === undefined ? "" : "outcome IN (SELECT value FROM json_each($outcomes))",
    since === undefined ? "" : "started_at >= $since",
  ].filter((condition) => condition !== "");
  const where = conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`;
  return `SELECT id FROM runs ${index} ${where} ORDER BY id DESC LIMIT $limit`;
}
