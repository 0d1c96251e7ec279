import { occurrenceAfter } from "./cron-calendar.ts";
import type { Schedule } from "./schedule.ts";

/**
 * Returns when the schedule is due next, later than `after` and without jitter; undefined: at no time that the clock
 * tells (`manual`, `on start`).
 * @param anchor where an interval counts from: its last run. Without one it counts from `after`.
 */
export function nextRun(schedule: Schedule, after: number, anchor?: number): number | undefined {
  switch (schedule.kind) {
    case "cron":
      return occurrenceAfter(schedule, after);
    case "interval": {
      const from = anchor ?? after;
      const passed = Math.max(0, Math.floor((after - from) / schedule.intervalMs));
      return from + (passed + 1) * schedule.intervalMs;
    }
    case "on-start":
    case "manual":
      return undefined;
  }
}
