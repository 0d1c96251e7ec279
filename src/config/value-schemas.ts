/** The small values that occur all over the config. */
import * as v from "valibot";

import { parseByteSize } from "../base/byte-size.ts";
import { parseDuration } from "../base/duration.ts";
import { scheduleProblem, SCHEDULE_FORMS } from "./schedule-text.ts";

/** PATH_MAX of Linux; no other text of the config needs more. */
const LONGEST_TEXT = 4096;

export const text = v.pipe(
  v.string(),
  v.nonEmpty("must not be empty"),
  v.maxLength(LONGEST_TEXT, `is longer than ${LONGEST_TEXT} characters`),
);
export const flag = v.boolean();

export const duration = v.pipe(
  v.string(),
  v.check((value) => parseDuration(value) !== undefined, 'is no duration such as "30s", "5m" or "1h30m"'),
  v.description("A duration: 30s, 5m, 1h30m, 2d"),
);

export const byteRate = v.pipe(
  v.string(),
  v.check(
    (value) => parseByteSize(value.replace(/\/s$/i, "")) !== undefined,
    'is no rate such as "1MB/s" or "500 KB/s"',
  ),
  v.description("Bytes per second: 1MB/s, 500 KB/s"),
);

export const timezone = v.pipe(
  v.string(),
  v.check(isTimezone, 'is no time zone such as "Europe/Rome" or "UTC"'),
  v.description("An IANA time zone: Europe/Rome"),
);

const scheduleText = v.pipe(
  v.string(),
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    const problem = scheduleProblem(dataset.value);
    if (problem !== undefined) addIssue({ message: problem });
  }),
  v.description(`When the source is due: ${SCHEDULE_FORMS}`),
);

const scheduleObject = v.pipe(
  v.strictObject({
    cron: v.optional(scheduleText),
    every: v.optional(duration),
    at: v.optional(scheduleText),
    timezone: v.optional(timezone),
    jitter: v.optional(duration),
    catch_up: v.optional(flag),
  }),
  v.check(
    ({ cron, every, at }) => [cron, every, at].filter((given) => given !== undefined).length === 1,
    "needs exactly one of `cron`, `every` and `at`",
  ),
);

export const schedule = v.union([
  scheduleText,
  scheduleObject,
  v.array(v.union([scheduleText, scheduleObject])),
]);

export const strategy = v.picklist(["keep-both", "newest", "ours", "theirs", "union", "manual"]);

export const conflicts = v.pipe(
  v.union([strategy, v.record(v.string(), strategy)]),
  v.description("What becomes of a path that both sides changed: one strategy, or a strategy for each glob"),
);

export const watch = v.union([
  flag,
  v.strictObject({ quiet: v.optional(duration), max_wait: v.optional(duration) }),
]);

export const when = v.strictObject({
  network: v.optional(v.union([text, v.array(text)])),
  idle: v.optional(duration),
  power: v.optional(text),
  load: v.optional(v.pipe(v.number(), v.minValue(0, "must not be negative"))),
  quiet_hours: v.optional(v.union([text, v.array(text)])),
  disk: v.optional(text),
  min_gap: v.optional(duration),
  max_defer: v.optional(duration),
});

const PLACEHOLDERS = ["date", "device", "summary", "changes", "files"];

export const messageTemplate = v.pipe(
  text,
  v.rawCheck(({ dataset, addIssue }) => {
    if (!dataset.typed) return;
    for (const [, name = ""] of dataset.value.matchAll(/\{(\w+)\}/g)) {
      if (!PLACEHOLDERS.includes(name))
        addIssue({
          message: `has the unknown placeholder {${name}}; there are {${PLACEHOLDERS.join("} {")}}`,
        });
    }
  }),
  v.description(`Commit message; placeholders {${PLACEHOLDERS.join("} {")}}`),
);

function isTimezone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
