/** Schedules in words. */
import { expect, test } from "bun:test";

import { cronProblem } from "../../src/config/cron-text.ts";
import { describeSchedule } from "../../src/schedule/describe-schedule.ts";
import { parseSchedule } from "../../src/schedule/schedule.ts";

function words(expression: string, timezone?: string): string {
  return describeSchedule(parseSchedule({ expression, timezone, jitterMs: 0, catchUp: true }));
}

const WORDS: readonly (readonly [expression: string, words: string])[] = [
  ["manual", "only when asked for"],
  ["on start", "at each start of the daemon"],
  ["every 6h", "every 6 hours"],
  ["every 60m", "every hour"],
  ["every 90m", "every 1 hour 30 minutes"],
  ["every 1d", "every day"],
  ["every 2w", "every 2 weeks"],
  ["every 10d", "every 10 days"],
  ["every 10.5s", "every 10 seconds 500 milliseconds"],
  ["daily at 2:00", "daily at 02:00"],
  ["weekly on mon at 09:00", "every Monday at 09:00"],
  ["weekly on thu,mon at 09:00", "every Monday and Thursday at 09:00"],
  ["weekly on sat,sun at 09:00", "every Saturday and Sunday at 09:00"],
  ["weekly on sunday at 09:00", "every Sunday at 09:00"],
  ["monthly on 1 at 03:00", "on the 1st of every month at 03:00"],
  ["monthly on 22,3,12,31 at 03:00", "on the 3rd, 12th, 22nd and 31st of every month at 03:00"],
  ["*/30 9-18 * * 1-5", "every 30 minutes from 09:00 to 18:30, Monday to Friday"],
  ["* * * * *", "every minute"],
  ["*/1 * ? * *", "every minute"],
  ["* * * * * *", "every second"],
  ["*/15 * * * * *", "every 15 seconds"],
  ["0 * * * *", "every hour"],
  ["15,45 * * * *", "every hour at 15 and 45 minutes past"],
  ["0 */2 * * *", "every 2 hours"],
  ["5 */2 * * *", "every 2 hours at 5 minutes past"],
  ["0 9-17 * * *", "every hour from 09:00 to 17:00"],
  ["0 8-20/3 * * mon", "every 3 hours from 08:00 to 20:00, on Monday"],
  ["*/10 9 * * *", "every 10 minutes from 09:00 to 09:50"],
  ["0 0,12 * * *", "daily at 00:00 and 12:00"],
  ["30 2 * * 0-6", "Monday to Sunday at 02:30"],
  ["15 30 4 * JAN-MAR mon-fri", "Monday to Friday in January to March at 04:30:15"],
  ["0 0 L 2 *", "on the last day of February at 00:00"],
  ["0 0 1,L * *", "on the 1st and last day of every month at 00:00"],
  ["0 0 1-7 * *", "on the 1st to 7th of every month at 00:00"],
  ["0 0 13 * 5", "on the 13th of every month and every Friday at 00:00"],
  ["0 0 13 6 5", "on the 13th of June and every Friday in June at 00:00"],
  ["0 6 * 6,7 *", "daily in June and July at 06:00"],
  ["*/20 * * 6 *", "every 20 minutes, in June"],
  ["0 0 * * fri-sun", "Friday to Sunday at 00:00"],
  // A rhythm is called one: around the change of clocks it is not the same as times of day.
  ["*/30 2 * * *", "every 30 minutes from 02:00 to 02:30"],
  ["0 */12 * * *", "every 12 hours"],
  ["*/45 * * * *", "every hour at 0 and 45 minutes past"],
  // Words would be harder to read.
  ["7/13 2 * * *", "7/13 2 * * *"],
  ["*/7 * * * *", "*/7 * * * *"],
  ["0 1,2,5,9,17 * * *", "0 1,2,5,9,17 * * *"],
  ["0 0 */2 * *", "0 0 */2 * *"],
  ["0 5/20 * * *", "0 5/20 * * *"],
  ["0 1,2,4,8,16 * * *", "0 1,2,4,8,16 * * *"],
  ["*/5 1,3 * * *", "*/5 1,3 * * *"],
  ["5,10 * 3 * * *", "5,10 * 3 * * *"],
  ["*/5 * 3 * * *", "*/5 * 3 * * *"],
];

for (const [expression, expected] of WORDS)
  test(`${expression}: ${expected}`, () => {
    expect(words(expression)).toBe(expected);
    if (/^[*\d]/.test(expression)) expect(cronProblem(expression)).toBeUndefined();
  });

test("a time zone of its own is named", () => {
  expect(words("daily at 02:00", "Europe/Rome")).toBe("daily at 02:00, Europe/Rome");
  expect(words("*/7 * * * *", "Europe/Rome")).toBe("*/7 * * * *, Europe/Rome");
});
