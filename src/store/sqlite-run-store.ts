import type { Database } from "bun:sqlite";

import { openDatabase } from "./database.ts";
import { lastRuns } from "./last-runs.ts";
import { listRuns } from "./list-runs.ts";
import { recordRun } from "./record-run.ts";
import type { RunStore } from "./run-store.ts";
import { storeError } from "./store-error.ts";

/** Opens the database on first use: a command that needs no history pays nothing for it. */
export function createRunStore(file: string): RunStore & Disposable {
  let database: Database | undefined;
  const inWords = <T>(doing: string, work: (database: Database) => T): T => {
    try {
      return work((database ??= openDatabase(file)));
    } catch (error) {
      throw storeError(error, `${doing} the history ${file}`);
    }
  };
  return {
    record: (run) => inWords("write into", (open) => recordRun(open, run)),
    list: (filter) => inWords("read", (open) => listRuns(open, filter)),
    last: (source) => inWords("read", (open) => lastRuns(open, source)),
    [Symbol.dispose]: () => {
      database?.close();
      database = undefined;
    },
  };
}
