/** What `defaults` and each source can say about when and how they sync. */
import * as v from "valibot";

import {
  calendarScheduleProblem,
  intervalProblem,
  isManual,
  SCHEDULE_FORMS,
  scheduleProblem,
} from "./schedule-text.ts";
import { cronProblem } from "./cron-text.ts";
import { timezoneProblem } from "./timezone-text.ts";
import {
  described,
  duration,
  flag,
  group,
  messageTemplate,
  problemCheck,
  shortText,
  strategy,
  text,
  texts,
} from "./value-schemas.ts";

const scheduleText = v.pipe(shortText('a schedule such as "every 6h"'), problemCheck(scheduleProblem));

const scheduleObject = v.pipe(
  v.strictObject({
    cron: v.optional(
      described(
        v.pipe(shortText("a cron expression in quotes"), problemCheck(cronProblem)),
        'A cron expression: "*/30 9-18 * * 1-5"; a sixth field in front is the second',
      ),
    ),
    every: v.optional(
      described(v.pipe(duration, problemCheck(intervalProblem)), "An interval: 30m, 6h, 1d; at least 10s"),
    ),
    at: v.optional(
      described(
        v.pipe(shortText('a time such as "daily at 02:00"'), problemCheck(calendarScheduleProblem)),
        "daily at 02:00, weekly on mon,thu at 09:00, monthly on 1 at 03:00",
      ),
    ),
    timezone: v.optional(
      described(
        v.pipe(shortText("a time zone such as Europe/Rome"), problemCheck(timezoneProblem)),
        "An IANA time zone such as Europe/Rome; default: this machine's own",
      ),
    ),
    jitter: v.optional(
      described(duration, "Each run starts up to this much later, so that not all devices start at once"),
    ),
    catch_up: v.optional(flag("Whether a time missed in sleep is made up for, once, afterwards")),
  }),
  v.check(
    ({ cron, every, at }) => [cron, every, at].filter((given) => given !== undefined).length === 1,
    "needs exactly one of `cron`, `every` and `at`",
  ),
);

const scheduleList = v.pipe(
  v.array(v.union([scheduleText, scheduleObject])),
  v.nonEmpty("is an empty list; write `manual` for never"),
  v.check(
    (entries) =>
      entries.length === 1 || !entries.some((entry) => typeof entry === "string" && isManual(entry)),
    "holds `manual` beside other schedules; `manual` stands alone",
  ),
);

const schedule = described(
  v.union([scheduleText, scheduleObject, scheduleList]),
  `When the source is due: ${SCHEDULE_FORMS}`,
);

const conflicts = described(
  v.union([strategy, v.record(v.string(), strategy)]),
  "What becomes of a path that both sides changed: one strategy, or a strategy for each glob",
);

const watch = described(
  v.union([
    v.boolean(),
    v.strictObject({
      quiet: v.optional(described(duration, "A burst of changes is over after so long without one")),
      max_wait: v.optional(described(duration, "Under changes without end it is synced after so long")),
    }),
  ]),
  "Whether changes of files start a sync",
);

const when = described(
  group({
    network: v.optional(texts("online, unmetered, wifi, or names of Wi-Fi networks")),
    idle: v.optional(described(duration, "Nobody used this machine for so long")),
    power: v.optional(described(text, 'mains, or "battery >= 30%"')),
    load: v.optional(
      described(
        v.pipe(v.number(), v.finite("must be a finite number"), v.minValue(0, "must not be negative")),
        "Load average per core is at most this",
      ),
    ),
    quiet_hours: v.optional(texts("No sync between these times: 22:00-07:00")),
    disk: v.optional(described(text, 'Free space of the disk: ">= 1GB"')),
    min_gap: v.optional(described(duration, "Shortest time between two syncs of one source")),
    max_defer: v.optional(described(duration, "After so long it is synced whatever the conditions say")),
  }),
  "Whether now is a good moment; a due sync waits until all of it holds",
);

export const behaviour = {
  schedule: v.optional(schedule),
  watch: v.optional(watch),
  when: v.optional(when),
  conflicts: v.optional(conflicts),
  message: v.optional(messageTemplate),
};
