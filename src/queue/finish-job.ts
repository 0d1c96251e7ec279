import type { Database } from "../store/database.ts";
import { againOf, deleteRow, readHeldRow, writeRow } from "./job-row.ts";
import { newRow } from "./queued-row.ts";
import type { Held } from "./queue.ts";

export function finishJob(database: Database, held: Held, now: number): boolean {
  const row = readHeldRow(database, held);
  if (row === undefined) return false;
  const again = againOf(row);
  if (again === undefined) deleteRow(database, row.source);
  else writeRow(database, newRow(row.source, row.host, again, now));
  return true;
}
