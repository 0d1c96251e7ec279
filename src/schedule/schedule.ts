/**
 * When a source is due: what the words of its schedules mean on a calendar, the next run, and which schedules have
 * come (`plan-schedules.ts`). Owns croner, time zones and jitter; must not know whether now is a good moment
 * (`conditions/`), what waits (`queue/`) nor what a sync is. Pure, but for the watcher in `watch/`: the time comes in
 * as a value, and what has to outlive the process goes out as rows for the store.
 */

/** Common to all: where it came from, and how exactly it is kept. */
type Common = {
  /**
   * The name of its row in the store: the expression in small letters and single spaces, with its time zone. Another
   * key is another schedule, which starts anew.
   */
  readonly key: string;
  /** As the person wrote it. */
  readonly expression: string;
  /** IANA name; undefined: this machine's own. */
  readonly timezone: string | undefined;
  /** Each run starts up to so many milliseconds later. */
  readonly jitterMs: number;
  /** Whether a time that was missed (sleep, downtime) is made up for, once. */
  readonly catchUp: boolean;
};

/** A calendar: cron itself, `daily at`, `weekly on`, `monthly on`. */
export type CronSchedule = Common & {
  readonly kind: "cron";
  /** Six fields, second first, in numbers: what croner reads. */
  readonly pattern: string;
};

export type IntervalSchedule = Common & {
  readonly kind: "interval";
  readonly intervalMs: number;
};

/** `on-start`: once for each start of the daemon. `manual`: only when a person asks. */
export type Schedule = CronSchedule | IntervalSchedule | (Common & { readonly kind: "on-start" | "manual" });
