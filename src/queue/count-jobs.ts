import type { Database } from "../store/database.ts";
import type { QueueCounts } from "./queue.ts";

export function countJobs(database: Database): QueueCounts {
  const statement = database.query<QueueCounts, []>(
    `SELECT count(*) FILTER (WHERE state IN ('ready', 'waiting')) AS queued,
       count(*) FILTER (WHERE state IN ('ready', 'waiting') AND waits IS NOT NULL) AS deferred,
       count(*) FILTER (WHERE state = 'running') AS running,
       count(*) FILTER (WHERE state = 'parked') AS parked
     FROM jobs`,
  );
  return statement.get() ?? { queued: 0, deferred: 0, running: 0, parked: 0 };
}
