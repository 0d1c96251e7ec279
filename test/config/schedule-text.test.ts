/** The grammar of schedules: what is one, and what a person reads of what is none. */
import { describe, expect, test } from "bun:test";

import { cronProblem } from "../../src/config/cron-text.ts";
import { calendarScheduleProblem, scheduleProblem } from "../../src/config/schedule-text.ts";

describe("a schedule", () => {
  const GOOD = [
    "manual",
    "on start",
    "every 6h",
    "every 1h 30m",
    "Every 10s",
    "daily at 02:00",
    "daily at 9:05",
    "weekly on mon at 09:00",
    "weekly on mon,THU,sunday at 23:59",
    "monthly on 1 at 03:00",
    "monthly on 1,15,31 at 03:00",
    "*/30 9-18 * * 1-5",
    "0 0 29 2 *",
    "0 0 30 1,2 *",
    "0 0 30 2 1",
    "0 0 L 2 *",
    "0 0 31 */2 *",
    "15 30 4 * JAN-MAR mon-fri",
    "0 0 ? * 5-7",
    "5/10 * * * *",
    "0 0 * * fri-sun",
    "0 0 30 2 */2",
    "*/59 */23 * * */7",
  ];
  for (const text of GOOD) test(text, () => expect(scheduleProblem(text)).toBeUndefined());
});

describe("no schedule:", () => {
  const BAD: readonly (readonly [string, string])[] = [
    ["dayly at 02:00", 'did you mean "daily at 02:00"?'],
    ["evry 6h", 'did you mean "every 6h"?'],
    ["6h", 'did you mean "every 6h"?'],
    ["manuel", 'did you mean "manual"?'],
    ["on strt", 'did you mean "on start"?'],
    ["weekly on mon att 09:00", 'did you mean "weekly on mon at 09:00"?'],
    ["wekly on mon at 25:00", "is no schedule; write"],
    ["every blue moon", "needs a duration"],
    ["every 1s", "at least 10s"],
    ["every 367d", "longer than a year; an interval is at most 366d"],
    ["every 99999999999999999999w", "needs a duration"],
    ["@daily", 'did you mean "daily at 00:00"?'],
    ["@yearly", "is no schedule; write"],
    ["manual please", "is no schedule"],
    ["on fire", "is no schedule"],
    ["daily at 24:00", '"24:00" is no time of day'],
    ["weekly on satellite at 09:00", '"satellite" is no day of the week; they are'],
    ["weekly on mondey at 09:00", 'did you mean "monday"?'],
    ["weekly on mon,, at 09:00", '"" is no day of the week'],
    ["monthly on 32 at 03:00", '"32" is no day of a month'],
    ["monthly on 0 at 03:00", '"0" is no day of a month'],
    ["", "is no schedule"],
    ["5 o'clock", "is no schedule"],
    ["* * * *", "has 4 fields"],
    ["* * * * * * *", "has 7 fields"],
  ];
  for (const [text, reason] of BAD) test(text, () => expect(scheduleProblem(text)).toContain(reason));
});

describe("what was meant by", () => {
  const MEANT: readonly (readonly [string, string])[] = [
    ["every 6 hours", "every 6h"],
    ["every six hours", "every 6h"],
    ["each 30 minutes", "every 30m"],
    ["90 min", "every 90m"],
    ["every hour", "every 1h"],
    ["hourly", "every 1h"],
    ["daily", "daily at 02:00"],
    ["daily 02:00", "daily at 02:00"],
    ["daily at 2am", "daily at 02:00"],
    ["daily at midnight", "daily at 00:00"],
    ["every day at 2:30pm", "daily at 14:30"],
    ["at 02:00", "daily at 02:00"],
    ["weekly mon at 09:00", "weekly on mon at 09:00"],
    ["weekly on Mon, Thu at 9:00", "weekly on mon,thu at 09:00"],
    ["weekly on mon-wed at 09:00", "weekly on mon,tue,wed at 09:00"],
    ["every monday at 9am", "weekly on mon at 09:00"],
    ["weekends at noon", "weekly on sat,sun at 12:00"],
    ["fri-mon at 10:00", "weekly on fri,sat,sun,mon at 10:00"],
    ["weekly at 09:00", "weekly on mon at 09:00"],
    ["weekly on mon", "weekly on mon at 09:00"],
    ["monthly on the 1st at 03:00", "monthly on 1 at 03:00"],
    ["on boot", "on start"],
    ["never", "manual"],
  ];
  for (const [text, meant] of MEANT) {
    test(text, () => {
      expect(scheduleProblem(text)).toEndWith(`; did you mean "${meant}"?`);
      expect(scheduleProblem(meant)).toBeUndefined();
    });
  }

  test("a number without a unit", () => {
    expect(scheduleProblem("every 6")).toBe(
      '"every 6" has no unit; write "every 6m" for minutes or "every 6h" for hours',
    );
  });

  test("nothing, where nothing is near", () => {
    for (const text of ["twice a day", "every blue moon", "daily at 02:00 and 14:00", "weekly on 5 at 09:00"])
      expect(scheduleProblem(text)).not.toContain("did you mean");
  });
});

describe("no cron expression:", () => {
  const BAD: readonly (readonly [string, string])[] = [
    ["60 * * * *", '"60" is no minute'],
    ["* 24 * * *", '"24" is no hour'],
    ["* * 0 * *", '"0" is no day of month'],
    ["* * * 13 *", '"13" is no month'],
    ["* * * * 8", '"8" is no day of week'],
    ["* * * * satellite", '"satellite" is no day of week'],
    ["*/0 * * * *", '"*/0" has the step 0, which leads nowhere; write "*" for every minute'],
    ["*/x * * * *", 'has the step "x"; a step is a whole number'],
    ["*/90 * * * *", 'for that write the schedule "every 90m"'],
    ["0 */48 * * *", 'for that write the schedule "every 48h"'],
    ["0 0 1 */13 *", "has a step beyond the field: a month goes from 1 to 12"],
    ["*/2/2 * * * *", '"*/2/2" is no minute'],
    ["1-2-3 * * * *", '"1-2-3" is no minute'],
    [", * * * *", '"" is no minute'],
    [
      "* 5-1 * * *",
      '"5-1" counts down; a range of a cron expression goes from low to high: write "5-23,0-1"',
    ],
    ["* * * * fri-mon", 'write "fri-6,0-mon"'],
    ["* * L-2 * *", '"l-2" is no day of month'],
    ["0 0 30 2 *", 'never fires: February has no 30th; write "0 0 L 2 *" for the last day'],
    ["0 0 31 4,6,9,11 ?", "never fires: April, June, September and November have no 31st"],
    ["0 0 31 4-6/2 *", 'April and June have no 31st; write "0 0 L 4-6/2 *"'],
    ["0 0 30/1 feb *", "never fires"],
    ["0 0 0 30,31 2 */1", 'write "0 0 0 L 2 */1"'],
    ["0 0 30 2 1,*", "never fires"],
    [Array.from({ length: 32 }, () => "*").join(" "), "has 32 fields; cron has five"],
    ["every 6h", "has 2 fields"],
  ];
  for (const [text, reason] of BAD) test(text, () => expect(cronProblem(text)).toContain(reason));
});

test("what is proposed in place of a range that counts down is a cron expression", () => {
  for (const field of ["* 22-5 * * *", "* * * * fri-mon", "50-10 * * * *", "* * * nov-feb *"]) {
    const proposed = /write "(.+)"/.exec(cronProblem(field) ?? "")?.[1] ?? "";
    expect(cronProblem(field.replace(/\S+-\S+/, proposed))).toBeUndefined();
  }
});

test("`at` takes the forms with a time of day only", () => {
  expect(calendarScheduleProblem("weekly on mon at 09:00")).toBeUndefined();
  for (const text of ["manual", "on start", "every 6h", "0 0 * * *"])
    expect(calendarScheduleProblem(text)).toContain("names no time of day");
  expect(calendarScheduleProblem("dayly at 02:00")).toContain("did you mean");
});
