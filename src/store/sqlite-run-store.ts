import type { Database } from "bun:sqlite";

import { openDatabase } from "./database.ts";
import { lastRuns } from "./last-runs.ts";
import { listRuns } from "./list-runs.ts";
import { recordRun } from "./record-run.ts";
import type { RunStore } from "./run-store.ts";

/** Opens the database on first use: a command that needs no history pays nothing for it. */
export function createRunStore(file: string): RunStore & Disposable {
  let database: Database | undefined;
  const open = (): Database => (database ??= openDatabase(file));
  return {
    record: (run) => recordRun(open(), run),
    list: (filter) => listRuns(open(), filter),
    last: (source) => lastRuns(open(), source),
    [Symbol.dispose]: () => {
      database?.close();
      database = undefined;
    },
  };
}
