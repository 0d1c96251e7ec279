/** What `defaults` and each source can say about when and how they sync. */
import * as v from "valibot";

import { guardsSchema } from "./guards-schema.ts";
import { parseQuietHours } from "./quiet-hours-text.ts";
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
  byteRate,
  described,
  duration,
  flag,
  group,
  messageTemplate,
  problemCheck,
  shortText,
  strategy,
  text,
} from "./value-schemas.ts";
import { LEAST_LOAD, LOAD_TOO_LOW, parseDisk, parseNetwork, parsePower } from "./when-text.ts";

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

/** What belongs to `network` and `quiet_hours`: one text, or several. */
function conditionTexts(parse: (text: string) => unknown, parseEntry: (entry: string) => unknown) {
  return v.union([v.pipe(text, parsedCheck(parse)), v.array(v.pipe(text, parsedCheck(parseEntry)))]);
}

/** A parser that returns what is wrong as a text. */
function parsedCheck(parse: (text: string) => unknown) {
  return problemCheck((value) => {
    const parsed = parse(value);
    return typeof parsed === "string" ? parsed : undefined;
  });
}

const load = v.pipe(
  v.number(),
  v.finite("must be a finite number"),
  v.minValue(0, "must not be negative"),
  v.check((value) => value < 0 || value >= LEAST_LOAD, LOAD_TOO_LOW),
);

const when = described(
  group({
    network: v.optional(
      described(
        conditionTexts(parseNetwork, (entry) => parseNetwork([entry])),
        "online, unmetered, wifi, or names of Wi-Fi networks of which it must be one; with commas: all that is said",
      ),
    ),
    idle: v.optional(described(duration, "Nobody used this machine for so long")),
    power: v.optional(
      described(
        v.pipe(text, parsedCheck(parsePower)),
        'mains, "battery >= 30%" (on mains any charge will do), "no power-saver"; with commas: all of them',
      ),
    ),
    load: v.optional(described(load, "Load average per core is at most this")),
    quiet_hours: v.optional(
      described(
        conditionTexts(parseQuietHours, parseQuietHours),
        "No sync between these times: 22:00-07:00, or on the days on which they begin: mon-fri 09:00-17:00",
      ),
    ),
    disk: v.optional(described(v.pipe(text, parsedCheck(parseDisk)), 'Free space of the disk: ">= 1GB"')),
    min_gap: v.optional(described(duration, "Shortest time between two syncs of one source")),
    max_defer: v.optional(
      described(
        duration,
        "After so long it is synced whatever the conditions say; only offline and a full disk still wait",
      ),
    ),
    unknown: v.optional(
      described(
        v.picklist(["go", "wait"]),
        "What holds when a condition can not be checked on this machine: go on, or wait",
      ),
    ),
  }),
  "Whether now is a good moment; a due sync waits until all of it holds",
);

const guards = described(guardsSchema, "What stops a dangerous sync, or leaves a file out of it");

export const bandwidth = group({
  upload: v.optional(described(byteRate, "At most this much is sent: 1MB/s")),
  download: v.optional(described(byteRate, "At most this much is received: 5 MB/s")),
});

export const behaviour = {
  schedule: v.optional(schedule),
  watch: v.optional(watch),
  when: v.optional(when),
  conflicts: v.optional(conflicts),
  guards: v.optional(guards),
  message: v.optional(messageTemplate),
  sign: v.optional(
    described(
      v.union([v.picklist(["auto"]), v.boolean()]),
      "Whether lull's commits are signed: auto (as git's config says: commit.gpgSign), true (always), false (never)",
    ),
  ),
  bandwidth: v.optional(
    described(
      bandwidth,
      "Limits of a source's own, in bytes per second; those of the daemon hold beside them",
    ),
  ),
};
