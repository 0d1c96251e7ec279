import type { Database } from "../store/database.ts";
import { againOf, readHeldRow, readRow, writeRow } from "./job-row.ts";
import { newRow, waitingPartOf } from "./queued-row.ts";
import type { Held } from "./queue.ts";

/** Puts a job out of the way; a person who asked for it meanwhile gets one more attempt. */
export function parkJob(database: Database, held: Held, reason: string, now: number): boolean {
  const row = readHeldRow(database, held);
  if (row === undefined) return false;
  const again = againOf(row);
  if (again?.cause === "person") writeRow(database, newRow(row.source, row.host, again, now));
  else
    writeRow(database, { ...row, state: "parked", again: null, leaseOwner: null, leaseUntil: null, reason });
  return true;
}

export function unparkJob(database: Database, source: string, now: number): boolean {
  const row = readRow(database, source);
  if (row?.state !== "parked") return false;
  writeRow(
    database,
    newRow(source, row.host, { ...waitingPartOf(row), requestedAt: now, notBefore: now }, now),
  );
  return true;
}
