import type { Database } from "../store/database.ts";
import { JOB_COLUMNS, type JobRow, toJob } from "./job-row.ts";
import type { Job } from "./job.ts";

/** Running ones, then in the order of their turns, then parked ones. */
export function listJobs(database: Database, limit: number): readonly Job[] {
  const statement = database.query<JobRow, [{ limit: number }]>(
    `SELECT ${JOB_COLUMNS} FROM jobs
     ORDER BY CASE state WHEN 'running' THEN 0 WHEN 'parked' THEN 2 ELSE 1 END, turn, source LIMIT $limit`,
  );
  return statement.all({ limit }).map(toJob);
}
