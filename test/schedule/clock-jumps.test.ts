/**
 * Random lives of a machine: it is looked at on time or late, sleeps, loses power before a plan is stored, and its
 * clock is set forwards and back by seconds or by years. A model of a few lines says what has to be due at each look.
 */
import { expect, test } from "bun:test";

import { planSchedules, type PlanInput } from "../../src/schedule/plan-schedules.ts";
import { parseSchedule } from "../../src/schedule/schedule.ts";
import { SET_BACK_TOLERANCE_MS } from "../../src/schedule/schedule-step.ts";
import { type Random, seededRandom } from "../helpers/random.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Calendars whose occurrences can be counted without a calendar: `offset` plus a multiple of `gap`, in UTC. */
const RHYTHMS = [
  { expression: "*/10 * * * *", gap: 10 * MINUTE, offset: 0 },
  { expression: "7 * * * *", gap: HOUR, offset: 7 * MINUTE },
  { expression: "daily at 02:00", gap: DAY, offset: 2 * HOUR },
  // 1970 began on a Thursday.
  { expression: "weekly on mon at 09:30", gap: 7 * DAY, offset: 4 * DAY + 9.5 * HOUR },
];

type Rhythm = (typeof RHYTHMS)[number];

function firstAfter({ gap, offset }: Rhythm, at: number): number {
  return (Math.floor((at - offset) / gap) + 1) * gap + offset;
}

/** How the wall clock moves until the next look. */
function step(random: Random, wakeIn: number): number {
  return random.pick([
    () => wakeIn,
    () => wakeIn,
    () => wakeIn + random.below(5 * SECOND),
    () => random.below(MINUTE),
    // Sleep, downtime, a clock that was set forwards.
    () => random.below(3 * HOUR),
    () => random.below(10 * DAY),
    () => random.below(900 * DAY),
    // Set back: by NTP, for summer time, by a zone, by a day, by years.
    () => -random.below(10 * SECOND),
    () => -HOUR + random.below(MINUTE),
    () => -random.below(14 * HOUR),
    () => -random.below(2 * DAY),
    () => -random.below(900 * DAY),
  ])();
}

for (const rhythm of RHYTHMS) {
  test(`${rhythm.expression}: every occurrence is due once, whatever the clock does`, () => {
    const tolerance = Math.min(rhythm.gap, SET_BACK_TOLERANCE_MS);
    const schedule = parseSchedule({ ...rhythm, timezone: "UTC", jitterMs: 0, catchUp: true });
    const sources = [{ name: "notes", schedules: [schedule], lastRunAt: undefined }];
    for (let life = 0; life < 150; life++) {
      const random = seededRandom(life);
      let now = Date.UTC(2026, 0, 1) + random.below(400 * DAY);
      let rows: PlanInput["rows"] = [];
      let wakeIn = 0;
      // Up to here everything has run, or was never due.
      let settled = now;
      const story: string[] = [];
      for (let look = 0; look < 60; look++) {
        // Without a row it is new.
        const believed = rows.length === 0 ? now : Math.min(settled, now + tolerance);
        const plan = planSchedules({ now, starting: look === 0, device: "laptop", sources, rows });
        const expected = firstAfter(rhythm, believed);
        story.push(new Date(now).toISOString());
        expect({ life, story, due: plan.due.map((one) => one.dueSince) }).toEqual({
          life,
          story,
          due: expected <= now ? [expected] : [],
        });
        // A crash before the transaction: the same is found again at the next look.
        if (random.chance(0.9)) {
          rows = plan.rows;
          settled = expected <= now ? now : believed;
        }
        const next = plan.rows[0]?.nextAt ?? Number.NaN;
        expect(next).toBeGreaterThan(now);
        expect(next - now).toBeLessThanOrEqual(rhythm.gap + tolerance);
        expect(plan.wakeAt).toBeWithin(now + 1, now + MINUTE + 1);
        wakeIn = (plan.wakeAt ?? now) - now;
        now += step(random, wakeIn);
      }
    }
  });
}

test("an interval is never held up for longer than itself, nor due sooner", () => {
  const schedule = parseSchedule({ expression: "every 6h", timezone: undefined, jitterMs: 0, catchUp: true });
  for (let life = 0; life < 150; life++) {
    const random = seededRandom(1000 + life);
    let now = Date.UTC(2026, 0, 1);
    let rows: PlanInput["rows"] = [];
    let lastRunAt: number | undefined;
    let passed = 0;
    for (let look = 0; look < 60; look++) {
      const sources = [{ name: "notes", schedules: [schedule], lastRunAt }];
      const plan = planSchedules({ now, starting: false, device: "laptop", sources, rows });
      rows = plan.rows;
      expect(plan.due.length).toBeLessThanOrEqual(1);
      if (plan.due.length === 1) {
        // The wall clock may have gone back since; it has not gone forward by less than the interval.
        if (look > 0) expect(passed).toBeGreaterThanOrEqual(6 * HOUR);
        passed = 0;
        lastRunAt = now;
      }
      expect((rows[0]?.nextAt ?? Number.NaN) - now).toBeWithin(1, 6 * HOUR + 1);
      const move = step(random, (plan.wakeAt ?? now) - now);
      passed += Math.max(0, move);
      now += move;
    }
  }
});
