import type { Store } from "./database.ts";
import { lastRuns } from "./last-runs.ts";
import { listRuns } from "./list-runs.ts";
import { measureRuns } from "./measure-runs.ts";
import { pruneRuns } from "./prune-runs.ts";
import { recordRun } from "./record-run.ts";
import type { RunStore } from "./run-store.ts";
import { tipAfter } from "./tip-after.ts";

export function createRunStore(store: Store): RunStore {
  return {
    record: (run) => store.use("write into", (database) => recordRun(database, run)),
    list: (filter) => store.use("read", (database) => listRuns(database, filter)),
    last: (source) => store.use("read", (database) => lastRuns(database, source)),
    stats: (filter) => store.use("read", (database) => measureRuns(database, filter)),
    tipAfter: (key) => store.use("read", (database) => tipAfter(database, "runs", key)),
    // What comes back after a power cut is deleted again the next day.
    prune: (input) => store.transact("kill", (database) => pruneRuns(database, input)),
  };
}
