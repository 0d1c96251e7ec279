import { expect, test } from "bun:test";

import { type JobCause, type JobFacts, NO_FACTS } from "../../src/queue/job.ts";
import { turnOf } from "../../src/queue/turn.ts";

const HOUR = 3_600_000;
const NOW = Date.parse("2026-03-02T12:00:00Z");
const ALL_FACTS: JobFacts = { recentActivity: true, mainBranch: true, unpushed: true };

function order(
  jobs: Readonly<Record<string, readonly [cause: JobCause, since: number, facts?: JobFacts]>>,
): readonly string[] {
  return Object.entries(jobs)
    .map(([name, [cause, since, facts = NO_FACTS]]) => ({ name, turn: turnOf({ cause, facts }, since) }))
    .toSorted((a, b) => a.turn - b.turn)
    .map(({ name }) => name);
}

test("a person goes before a changed file, and that before the calendar, whatever is known of the source", () => {
  expect(
    order({
      schedule: ["schedule", NOW],
      busySchedule: ["schedule", NOW, ALL_FACTS],
      change: ["change", NOW],
      person: ["person", NOW],
    }),
  ).toEqual(["person", "change", "busySchedule", "schedule"]);
});

test("unpushed commits lift more than recent work, and that more than the main branch", () => {
  expect(
    order({
      main: ["schedule", NOW, { ...NO_FACTS, mainBranch: true }],
      plain: ["catch-up", NOW],
      recent: ["start", NOW, { ...NO_FACTS, recentActivity: true }],
      unpushed: ["schedule", NOW, { ...NO_FACTS, unpushed: true }],
    }),
  ).toEqual(["unpushed", "recent", "main", "plain"]);
});

test("what waits for long enough goes before a fresh request of any class", () => {
  expect(order({ person: ["person", NOW], old: ["schedule", NOW - 25 * HOUR] })).toEqual(["old", "person"]);
  expect(order({ change: ["change", NOW], old: ["schedule", NOW - HOUR - 1] })).toEqual(["old", "change"]);
});
