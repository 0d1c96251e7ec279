import type { Database } from "../store/database.ts";
import { againOf, type JobRow, readRow, toJob, writeRow } from "./job-row.ts";
import type { JobWait } from "./job.ts";
import { putOffRow } from "./queued-row.ts";
import type { DeferInput } from "./queue.ts";

/** Notes that a due job waits for its conditions, and which. */
export function deferJob(database: Database, owner: string, { source, until, waits }: DeferInput): boolean {
  const row = readRow(database, source);
  if (row === undefined || row.state === "parked") return false;
  if (row.state === "running") {
    if (row.leaseOwner !== owner) return false;
    writeRow(database, giveBack(row, until, waits));
    return true;
  }
  const isSame = conditionsOf(toJob(row).waits) === conditionsOf(waits);
  // The measured values change all the time; writing each of them would keep the disk awake.
  if (isSame && row.state === "waiting" && row.notBefore >= until) return true;
  writeRow(database, isSame ? { ...row, state: "waiting", notBefore: until } : deferred(row, until, waits));
  return true;
}

/** It keeps its place in the line: it has not been tried yet, however long it waits. */
function giveBack(row: JobRow, until: number, waits: readonly JobWait[]): JobRow {
  const again = againOf(row);
  // Somebody asked for it while its conditions were looked at, and does not wait for them.
  if (again?.cause === "person") return putOffRow(row, again.notBefore, again.notBefore);
  const queued = putOffRow(row, until, until);
  return { ...deferred(queued, until, waits), turn: Math.min(row.turn, queued.turn) };
}

function deferred(row: JobRow, until: number, waits: readonly JobWait[]): JobRow {
  return { ...row, state: "waiting", notBefore: until, waits: JSON.stringify(waits) };
}

function conditionsOf(waits: readonly JobWait[]): string {
  return waits
    .map(({ condition }) => condition)
    .sort()
    .join("\n");
}
