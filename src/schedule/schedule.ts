/**
 * When a source is due: what the words of its schedules mean on a calendar, the next run, and which schedules have
 * come (`plan-schedules.ts`). Owns croner, time zones and jitter; must not know whether now is a good moment
 * (`conditions/`), what waits (`queue/`) nor what a sync is. Pure, but for the watcher in `watch/`: the time comes in
 * as a value, and what has to outlive the process goes out as rows for the store.
 */

import { parseDuration } from "../base/duration.ts";
import { LullError } from "../base/errors.ts";
import { readCron } from "../config/cron-fields.ts";
import type { ScheduleConfig } from "../config/config.ts";
import { cronPattern } from "./cron-pattern.ts";

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

/** Gives the words of the config their meaning; their grammar has been checked when the config was read. */
export function parseSchedule(config: ScheduleConfig): Schedule {
  const { expression, timezone, jitterMs, catchUp } = config;
  const words = expression.trim().toLowerCase().split(/\s+/);
  const plain = words.join(" ");
  const key = timezone === undefined ? plain : `${plain} (${timezone})`;
  const common = { key, expression: expression.trim(), timezone, jitterMs, catchUp };
  switch (words[0]) {
    case "manual":
      return { ...common, kind: "manual" };
    case "on":
      return { ...common, kind: "on-start" };
    case "every":
      return { ...common, kind: "interval", intervalMs: intervalOf(words.slice(1).join("")) };
    default:
      return { ...common, kind: "cron", pattern: patternOf(calendarAsCron(words) ?? plain) };
  }
}

/** `daily at 2:00`, `weekly on mon,thursday at 09:00`, `monthly on 1,15 at 03:00` as cron has them. */
function calendarAsCron([form, ...rest]: readonly string[]): string | undefined {
  const [hour, minute] = (rest.at(-1) ?? "").split(":");
  const days = (rest[1] ?? "").split(",");
  switch (form) {
    case "daily":
      return `${minute} ${hour} * * *`;
    case "weekly":
      return `${minute} ${hour} * * ${days.map((day) => day.slice(0, 3)).join(",")}`;
    case "monthly":
      return `${minute} ${hour} ${days.join(",")} * *`;
    default:
      return undefined;
  }
}

function intervalOf(text: string): number {
  return parseDuration(text) ?? unchecked(`"every ${text}" is no interval`);
}

function patternOf(cron: string): string {
  const fields = readCron(cron);
  return typeof fields === "string" ? unchecked(fields) : cronPattern(fields);
}

function unchecked(problem: string): never {
  throw new LullError({ kind: "config", code: "CONFIG_INVALID", message: problem });
}
