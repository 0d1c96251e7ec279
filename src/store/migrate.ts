import type { Database } from "bun:sqlite";

import { LullError } from "../base/errors.ts";
import runs from "./migrations/0001-runs.sql" with { type: "text" };
import jobs from "./migrations/0002-jobs.sql" with { type: "text" };
import schedules from "./migrations/0003-schedules.sql" with { type: "text" };
import pauses from "./migrations/0004-pauses.sql" with { type: "text" };
import notices from "./migrations/0005-notices.sql" with { type: "text" };
import audit from "./migrations/0006-audit.sql" with { type: "text" };
import guardPauses from "./migrations/0007-guard-pauses.sql" with { type: "text" };
import conflicts from "./migrations/0008-conflicts.sql" with { type: "text" };
import savepoints from "./migrations/0009-savepoints.sql" with { type: "text" };

/** In order; a migration that has been released is never edited. */
export const MIGRATIONS: readonly string[] = [
  runs,
  jobs,
  schedules,
  pauses,
  notices,
  audit,
  guardPauses,
  conflicts,
  savepoints,
];

/** Brings the schema up to date in one transaction each. A schema from a newer lull is refused, untouched. */
export function migrate(database: Database, file: string): void {
  const version = schemaVersion(database);
  if (version > MIGRATIONS.length) throw newerSchema(file, version);
  for (let next = version; next < MIGRATIONS.length; next++) {
    const sql = MIGRATIONS[next] ?? "";
    database
      .transaction(() => {
        // Another process may have migrated while this one waited for the lock.
        if (schemaVersion(database) > next) return;
        database.run(sql);
        database.run(`PRAGMA user_version = ${next + 1}`);
      })
      .immediate();
  }
}

function schemaVersion(database: Database): number {
  return database.query<{ user_version: number }, []>("PRAGMA user_version").get()?.user_version ?? 0;
}

function newerSchema(file: string, version: number): LullError {
  return new LullError({
    kind: "config",
    code: "STORE_NEWER",
    message: `the database ${file} was written by a newer lull (schema ${version}, this one knows ${MIGRATIONS.length})`,
    hint: "use the newer lull here too; nothing was changed",
  });
}
