import type { Database } from "../store/database.ts";
import { readHeldRow, writeRow } from "./job-row.ts";
import { putOffRow } from "./queued-row.ts";
import type { Held } from "./queue.ts";

export type RetryInput = {
  readonly now: number;
  readonly at: number;
  readonly reason: string;
  readonly attempts: number;
  readonly crashes: number;
};

export function retryJob(
  database: Database,
  held: Held,
  { now, at, reason, attempts, crashes }: RetryInput,
): boolean {
  const row = readHeldRow(database, held);
  if (row === undefined) return false;
  writeRow(database, { ...putOffRow(row, at, now), reason, attempts, crashes });
  return true;
}
