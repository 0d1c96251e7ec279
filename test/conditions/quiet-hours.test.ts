/** Quiet hours by the clock on the wall: across midnight, on some days, and over changes to summer time and back. */
import { expect, test } from "bun:test";

import { iso, judged, zoneClock } from "./judged.ts";

/** Returns until when it is quiet, in UTC. */
function quietUntil(hours: string, now: string, zone = "Europe/Rome"): string | undefined {
  const verdict = judged(`quiet_hours: [${hours}]`, { clock: zoneClock(zone, now) });
  return verdict.kind === "go" ? undefined : iso(verdict.reasons[0]?.until);
}

test.each([
  ["22:00-07:00", "2025-01-15T20:59:59Z", undefined],
  ["22:00-07:00", "2025-01-15T21:00:00Z", "2025-01-16T06:00Z"],
  ["22:00-07:00", "2025-01-16T05:59:59Z", "2025-01-16T06:00Z"],
  ["22:00-07:00", "2025-01-16T06:00:00Z", undefined],
  ["12:00-13:00", "2025-01-15T11:30:00Z", "2025-01-15T12:00Z"],
  ["20:00-24:00", "2025-01-15T22:59:00Z", "2025-01-15T23:00Z"],
  ["20:00-00:00", "2025-01-15T22:59:00Z", "2025-01-15T23:00Z"],
])("%s at %s: until %p", (hours, now, until) => {
  expect(quietUntil(hours, now)).toBe(until);
});

test("hours that touch or overlap are one", () => {
  expect(quietUntil("22:00-07:00, 06:00-09:00, 09:00-10:30", "2025-01-15T22:00:00Z")).toBe(
    "2025-01-16T09:30Z",
  );
  expect(quietUntil("22:00-07:00, 23:00-23:30", "2025-01-15T22:15:00Z")).toBe("2025-01-16T06:00Z");
});

test("a day is the one on which the hours begin", () => {
  // 2025-01-17 is a Friday.
  expect(quietUntil("fri 22:00-07:00", "2025-01-17T23:30:00Z")).toBe("2025-01-18T06:00Z");
  expect(quietUntil("fri 22:00-07:00", "2025-01-18T23:30:00Z")).toBeUndefined();
  expect(quietUntil("fri 22:00-07:00", "2025-01-16T23:30:00Z")).toBeUndefined();
  expect(quietUntil('"sat,sun 00:00-24:00"', "2025-01-18T10:00:00Z")).toBe("2025-01-19T23:00Z");
});

test("an hour that summer time leaves out ends them as it begins", () => {
  // 2025-03-30, 02:00 becomes 03:00.
  expect(quietUntil("22:00-02:30", "2025-03-30T00:50:00Z")).toBe("2025-03-30T01:00Z");
  expect(quietUntil("22:00-07:00", "2025-03-29T22:00:00Z")).toBe("2025-03-30T05:00Z");
  expect(quietUntil("02:10-02:50", "2025-03-30T01:00:00Z")).toBeUndefined();
});

test("an hour that the clock shows twice is quiet twice", () => {
  // 2025-10-26, 03:00 becomes 02:00.
  expect(quietUntil("22:00-02:30", "2025-10-25T23:00:00Z")).toBe("2025-10-26T00:30Z");
  expect(quietUntil("22:00-02:30", "2025-10-26T00:45:00Z")).toBeUndefined();
  expect(quietUntil("22:00-02:30", "2025-10-26T01:15:00Z")).toBe("2025-10-26T01:30Z");
  expect(quietUntil("22:00-07:00", "2025-10-25T22:00:00Z")).toBe("2025-10-26T06:00Z");
});

test("zones of half an hour, and beyond the date line, are zones like any other", () => {
  expect(quietUntil("22:00-07:00", "2025-01-15T17:00:00Z", "Asia/Kolkata")).toBe("2025-01-16T01:30Z");
  expect(quietUntil("fri 22:00-07:00", "2025-01-17T09:00:00Z", "Pacific/Kiritimati")).toBe(
    "2025-01-17T17:00Z",
  );
  // 2025-04-06, 02:00 becomes 01:30.
  expect(quietUntil("01:45-02:15", "2025-04-05T14:50:00Z", "Australia/Lord_Howe")).toBe("2025-04-05T15:00Z");
  expect(quietUntil("01:45-02:15", "2025-04-05T15:20:00Z", "Australia/Lord_Howe")).toBe("2025-04-05T15:45Z");
});

test("what it says all over two years agrees with the clock", () => {
  const shown = new Intl.DateTimeFormat("sv", { timeZone: "America/New_York", timeStyle: "short" });
  const start = Date.parse("2025-01-01T00:00:00Z");
  for (let quarter = 0; quarter < 2 * 365 * 96; quarter += 37) {
    const now = new Date(start + quarter * 900_000).toISOString();
    const time = shown.format(Date.parse(now));
    const isQuiet = time >= "23:30" || time < "02:30";
    const until = quietUntil("23:30-02:30", now, "America/New_York");
    expect([now, until !== undefined]).toEqual([now, isQuiet]);
    if (until !== undefined) expect([now, shown.format(Date.parse(until)) >= "02:30"]).toEqual([now, true]);
  }
});
