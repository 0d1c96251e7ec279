import type { Store } from "./database.ts";
import { listSchedules } from "./list-schedules.ts";
import { saveSchedules } from "./save-schedules.ts";
import type { ScheduleStore } from "./schedule-store.ts";

export function createScheduleStore(store: Store): ScheduleStore {
  return {
    list: (source) => store.use("read", (database) => listSchedules(database, source)),
    save: (changes, alongside) => {
      if (changes.saved.length === 0 && changes.lost.length === 0 && alongside === undefined) return;
      store.transact("power-cut", (database) => saveSchedules(database, changes, alongside));
    },
  };
}
