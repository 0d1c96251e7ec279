import { expect, test } from "bun:test";

import { TimeWatch } from "../../src/daemon/time-watch.ts";
import { fakeClock } from "../helpers/fake-clock.ts";

test("a minute that passes is no news", () => {
  const clock = fakeClock();
  const watch = new TimeWatch(clock);
  clock.advance(60_000);
  expect(watch.look()).toBeUndefined();
});

test("a machine that slept shows as a wall clock that ran ahead", () => {
  const clock = fakeClock("2026-01-01T12:00:00Z");
  const watch = new TimeWatch(clock);
  clock.advance(10_000);
  clock.setWall("2026-01-01T20:00:10Z");
  expect(watch.look()).toEqual({ kind: "woke", awayMs: 8 * 3_600_000 + 10_000 });
  expect(watch.look()).toBeUndefined();
});

test("where the other clock goes on in sleep it shows as one long look", () => {
  const clock = fakeClock();
  const watch = new TimeWatch(clock);
  clock.advance(3_600_000);
  expect(watch.look()).toEqual({ kind: "woke", awayMs: 3_600_000 });
});

test("a clock that was set back is told with the distance", () => {
  const clock = fakeClock("2026-01-01T12:00:00Z");
  const watch = new TimeWatch(clock);
  clock.advance(1000);
  clock.setWall("2026-01-01T11:00:01Z");
  expect(watch.look()).toEqual({ kind: "clock-set", byMs: -3_600_000 });
});

test("a correction by NTP is no news", () => {
  const clock = fakeClock("2026-01-01T12:00:00Z");
  const watch = new TimeWatch(clock);
  clock.advance(30_000);
  clock.setWall("2026-01-01T12:00:25Z");
  expect(watch.look()).toBeUndefined();
});
