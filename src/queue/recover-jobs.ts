import type { Database } from "../store/database.ts";
import { type JobRow, JOB_COLUMNS, readRow, toJob } from "./job-row.ts";
import type { Job } from "./job.ts";
import { parkJob } from "./park-job.ts";
import { afterCrash } from "./poison.ts";
import { retryJob } from "./retry-job.ts";

/** Nothing is put off for longer: a later time was noted while the clock ran ahead, and would silence its source. */
const LONGEST_WAIT_MS = 25 * 3_600_000;

export type RecoverInput = { readonly now: number; readonly isAlive: (owner: string) => boolean };

/** Takes back the jobs of owners that are gone; returns them as they stand now. */
export function recoverJobs(database: Database, input: RecoverInput): readonly Job[] {
  mendTimes(database, input.now);
  const running = database.query<JobRow, []>(`SELECT ${JOB_COLUMNS} FROM jobs WHERE state = 'running'`).all();
  return running.flatMap((row): readonly Job[] => {
    const owner = row.leaseOwner ?? "";
    const isExpired = (row.leaseUntil ?? 0) <= input.now;
    if (!isExpired && input.isAlive(owner)) return [];
    takeBack(database, row, input.now);
    const now = readRow(database, row.source);
    return now === undefined ? [] : [toJob(now)];
  });
}

function takeBack(database: Database, row: JobRow, now: number): void {
  const held = { source: row.source, owner: row.leaseOwner ?? "" };
  const next = afterCrash(row, "it was gone without a word", now);
  if (next.kind === "park") parkJob(database, held, next.reason, now);
  else retryJob(database, held, { ...next, now });
}

/** A clock that was set back leaves times behind that lie far ahead, and turns that would come last for as long. */
function mendTimes(database: Database, now: number): void {
  const latest = now + LONGEST_WAIT_MS;
  const times = { now, latest };
  type Times = [typeof times];
  database
    .query<unknown, Times>(
      "UPDATE jobs SET state = 'ready', not_before = $now WHERE state = 'waiting' AND not_before > $latest",
    )
    .run(times);
  database
    .query<unknown, Times>(
      "UPDATE jobs SET turn = $now WHERE turn > $latest AND state IN ('ready', 'waiting')",
    )
    .run(times);
  // A host that no source has any more is never reached again.
  database.query<unknown, Times>("DELETE FROM hosts WHERE held_until < $now - ($latest - $now)").run(times);
  database.query<unknown, Times>("UPDATE hosts SET held_until = $now WHERE held_until > $latest").run(times);
}
