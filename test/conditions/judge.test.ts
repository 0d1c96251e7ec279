/** Whether now is a good moment, and what a person reads when it is not. */
import { describe, expect, test } from "bun:test";

import type { Verdict } from "../../src/conditions/conditions.ts";
import { neededReadings } from "../../src/conditions/needed-readings.ts";
import { known, type Readings, unknown } from "../../src/platform/readings/readings.ts";
import { load } from "../config/problem-of.ts";
import { CALM, iso, judged, ONLINE, wordsOf, zoneClock } from "./judged.ts";

const MINUTE = 60_000;
const NOON = Date.parse("2025-01-15T12:00:00Z");
const EVERYTHING =
  'network: "unmetered, home", idle: 5m, power: "battery >= 30%, no power-saver", load: 0.8, disk: ">= 1GB", quiet_hours: 22:00-07:00, min_gap: 10m';

const offline = known({ ...ONLINE, online: false }, "a test");
const used = (seconds: number) => known({ kind: "used" as const, idleMs: seconds * 1000 }, "a test");
const battery = (percent: number | undefined, powerSaver = false) =>
  known({ onMains: false, batteryPercent: percent, powerSaver }, "a test");

describe("on a calm machine", () => {
  test("a sync goes at once, with all conditions or with none", () => {
    for (const when of [EVERYTHING, ""])
      expect(judged(when)).toEqual({ kind: "go", overdue: false, despite: [], assumed: [] });
  });
});

describe("a condition that does not hold", () => {
  const CASES: readonly (readonly [string, Partial<Readings>, readonly string[]])[] = [
    ["", { network: offline }, ["waits for the network (this machine is offline)"]],
    [
      "network: unmetered",
      { network: known({ ...ONLINE, online: false, behindSignIn: true }, "") },
      ["waits for the network (a sign-in page stands before the network; open a browser and sign in)"],
    ],
    [
      "network: unmetered",
      { network: known({ ...ONLINE, metered: true }, "") },
      ["network is metered (wants unmetered)"],
    ],
    [
      "network: wifi",
      { network: known({ ...ONLINE, wifi: false, ssid: undefined }, "") },
      ["not on Wi-Fi (wants it)"],
    ],
    [
      "network: [work, lab]",
      { network: known({ ...ONLINE, ssid: "Caf\u001b[2J" }, "") },
      ['on Wi-Fi "Caf\\x1b[2J" (wants "work" or "lab")'],
    ],
    [
      "network: work",
      { network: known({ ...ONLINE, wifi: false, ssid: undefined }, "") },
      ['not on Wi-Fi (wants "work")'],
    ],
    ["idle: 5m", { idle: used(40) }, ["waits for 5 min without input (last input 40 s ago)"]],
    ["power: mains", { power: battery(80) }, ["on battery 80 %, wants mains"]],
    ["power: mains", { power: battery(undefined) }, ["on battery, wants mains"]],
    ['power: "battery >= 30%"', { power: battery(29.9) }, ["on battery 29 %, wants >= 30 %"]],
    [
      'power: "battery >= 30%, no power-saver"',
      { power: battery(12, true) },
      ["on battery 12 %, wants >= 30 %", "the power-saver is on, wants it off"],
    ],
    ["load: 0.8", { load: known(1.3, "") }, ["load 1.3 per core, wants <= 0.8"]],
    ["load: 0.8", { load: known(0.8004, "") }, ["load 0.81 per core, wants <= 0.8"]],
    ['disk: ">= 1GB"', { disk: known(12e6, "") }, ["12 MB free on the disk, wants >= 1.0 GB"]],
    ['disk: ">= 1GB"', { disk: known(999_999_999, "") }, ["999999999 B free on the disk, wants >= 1.0 GB"]],
  ];
  for (const [when, readings, words] of CASES)
    test(words.join("; "), () => expect(wordsOf(judged(when, { readings }))).toEqual(words));

  test("holds by a hair", () => {
    expect(wordsOf(judged("idle: 5m", { readings: { idle: used(300) } }))).toBe("go");
    expect(wordsOf(judged('power: "battery >= 30%"', { readings: { power: battery(30) } }))).toBe("go");
    expect(wordsOf(judged("load: 0.8", { readings: { load: known(0.8, "") } }))).toBe("go");
    expect(wordsOf(judged('disk: ">= 1GB"', { readings: { disk: known(1e9, "") } }))).toBe("go");
  });

  test("is told beside all others", () => {
    const verdict = judged(EVERYTHING, {
      clock: zoneClock("Europe/Rome", "2025-01-15T22:30:00Z"),
      lastRunAt: Date.parse("2025-01-15T22:27:00Z"),
      readings: {
        network: known({ ...ONLINE, metered: true, ssid: "hotel" }, ""),
        idle: used(1),
        power: battery(10, true),
        load: known(2, ""),
        disk: known(0, ""),
      },
    });
    expect(wordsOf(verdict)).toEqual([
      "quiet hours until Thursday 07:00",
      "last sync 3 min ago, wants 10 min between two syncs: from 23:37 on",
      "network is metered (wants unmetered)",
      'on Wi-Fi "hotel" (wants "home")',
      "waits for 5 min without input (last input 1 s ago)",
      "on battery 10 %, wants >= 30 %",
      "the power-saver is on, wants it off",
      "load 2 per core, wants <= 0.8",
      "0 B free on the disk, wants >= 1.0 GB",
    ]);
    expect(verdict).toMatchObject({ recheckAt: Date.parse("2025-01-16T06:00:00Z"), latestAt: undefined });
  });
});

test("charging, a low battery will do; with nobody logged in, the machine is idle", () => {
  const charging = known({ onMains: true, batteryPercent: 3, powerSaver: false }, "");
  expect(wordsOf(judged('power: "battery >= 30%"', { readings: { power: charging } }))).toBe("go");
  const nobody = known({ kind: "nobody-logged-in" as const }, "");
  expect(wordsOf(judged("idle: 5m", { readings: { idle: nobody } }))).toBe("go");
});

describe("a source without remotes over the network", () => {
  test("goes on offline", () => {
    expect(wordsOf(judged("", { needsNetwork: false, readings: { network: offline } }))).toBe("go");
  });

  test("waits for a network that its conditions ask for, but not for ever", () => {
    const given = { needsNetwork: false, readings: { network: offline } };
    const verdict = judged("network: wifi, max_defer: 1h", given);
    expect(verdict).toMatchObject({ kind: "wait", reasons: [{ condition: "network", firm: false }] });
    expect(judged("network: wifi, max_defer: 1h", { ...given, dueSince: NOON - 60 * MINUTE })).toMatchObject({
      kind: "go",
      overdue: true,
    });
  });
});

describe("what can not be read", () => {
  const none = unknown("no session bus");
  const blind: Readings = { network: none, idle: none, power: none, load: none, disk: none };
  const vague = {
    network: known({ ...ONLINE, metered: undefined, wifi: undefined, ssid: undefined }, ""),
    power: known({ onMains: false, batteryPercent: undefined, powerSaver: undefined }, ""),
  };

  test("counts as met, and says so", () => {
    const verdict = judged(EVERYTHING, { readings: blind });
    expect(verdict.kind).toBe("go");
    expect(verdict.assumed.map(({ condition }) => condition)).toEqual([
      "online",
      "idle",
      "power",
      "power",
      "load",
      "disk",
    ]);
    expect(verdict.assumed[1]?.words).toBe(
      'wants 5 min without input, but whether this machine is used is unknown (no session bus); goes on, since `when.unknown` is "go"',
    );
  });

  test("counts as not met where the config says so, until max_defer is over", () => {
    const verdict = judged(`${EVERYTHING}, unknown: wait, max_defer: 1h`, { readings: blind });
    expect(wordsOf(verdict)).toHaveLength(6);
    expect(wordsOf(verdict)).toContain("wants load <= 0.8, but the load is unknown: no session bus");
    expect(verdict).toMatchObject({ assumed: [], latestAt: NOON + 60 * MINUTE });
    const later = judged(`${EVERYTHING}, unknown: wait, max_defer: 1h`, {
      readings: blind,
      dueSince: NOON - 60 * MINUTE,
    });
    expect(later).toMatchObject({ kind: "go", overdue: true });
  });

  test("may be a part of a reading", () => {
    const when = 'network: "unmetered, home", power: "battery >= 30%, no power-saver"';
    expect(judged(when, { readings: vague }).assumed.map(({ words }) => words.split(";")[0])).toEqual([
      "wants unmetered, but whether the network is metered is unknown (this system does not tell)",
      'wants Wi-Fi "home", but the name of the Wi-Fi network is unknown (this system does not tell)',
      "wants battery >= 30 %, but the charge of the battery is unknown (it is on battery, which does not tell)",
      "wants no power-saver, but whether the power-saver is on is unknown (this system does not tell)",
    ]);
    expect(judged("network: wifi, unknown: wait", { readings: vague })).toMatchObject({
      reasons: [{ words: "wants wifi, but whether it is on Wi-Fi is unknown: this system does not tell" }],
    });
  });
});

describe("max_defer", () => {
  const when = 'idle: 5m, disk: ">= 1GB", max_defer: 2h';
  const busy = { idle: used(0) };

  test("is the latest time, and then it runs in spite of what does not hold", () => {
    expect(judged(when, { readings: busy, dueSince: NOON - 119 * MINUTE })).toMatchObject({
      kind: "wait",
      latestAt: NOON + MINUTE,
      recheckAt: NOON + MINUTE,
    });
    expect(judged(when, { readings: busy, dueSince: NOON - 120 * MINUTE })).toMatchObject({
      kind: "go",
      overdue: true,
      despite: [{ words: "waits for 5 min without input (last input 0 ms ago)" }],
    });
  });

  test("ends neither the waiting for a network nor that for room on the disk", () => {
    for (const [readings, condition] of [
      [{ ...busy, network: offline }, "online"],
      [{ ...busy, disk: known(1, "") }, "disk"],
    ] as const) {
      const verdict = judged(when, { readings, dueSince: NOON - 600 * MINUTE });
      expect(verdict).toMatchObject({
        kind: "wait",
        latestAt: undefined,
        reasons: [{ condition, firm: true }],
      });
      expect(wordsOf(verdict)).toHaveLength(1);
      expect(judged(when, { readings })).toMatchObject({ kind: "wait", latestAt: undefined });
    }
  });

  test("says nothing of being overdue when everything holds anyway", () => {
    expect(judged(when, { dueSince: NOON - 600 * MINUTE })).toMatchObject({ kind: "go", overdue: false });
  });

  test("counts from now for what is due in the future, after the clock was set back", () => {
    const verdict = judged(when, { readings: busy, dueSince: NOON + 999 * MINUTE });
    expect(verdict).toMatchObject({ latestAt: NOON + 120 * MINUTE });
  });
});

describe("it is judged again", () => {
  const recheck = (verdict: Verdict) => (verdict.kind === "wait" ? verdict.recheckAt - NOON : "go");

  test("after half a minute when the machine decides", () => {
    expect(recheck(judged("", { readings: { network: offline } }))).toBe(MINUTE / 2);
    expect(recheck(judged("idle: 1m", { readings: { idle: used(50) } }))).toBe(MINUTE / 2);
  });

  test("not before an idle time can be long enough", () => {
    expect(recheck(judged("idle: 5m", { readings: { idle: used(60) } }))).toBe(4 * MINUTE);
  });

  test("at the end of what lasts longest", () => {
    const readings = { network: offline, idle: used(0) };
    expect(recheck(judged("idle: 5m, quiet_hours: 11:00-13:00", { readings }))).toBe(60 * MINUTE);
    expect(recheck(judged("min_gap: 10m", { readings, lastRunAt: NOON - MINUTE }))).toBe(9 * MINUTE);
  });

  test("always later than now", () => {
    const verdict = judged("quiet_hours: [00:00-24:00], max_defer: 300d");
    expect(wordsOf(verdict)).toEqual(["quiet hours without end"]);
    expect(recheck(verdict)).toBe(60 * MINUTE);
  });
});

describe("the gap between two syncs", () => {
  test("holds from the end of the last one", () => {
    const verdict = judged("min_gap: 10m", { lastRunAt: NOON - 3 * MINUTE });
    expect(wordsOf(verdict)).toEqual(["last sync 3 min ago, wants 10 min between two syncs: from 12:07 on"]);
    expect(wordsOf(judged("min_gap: 10m", { lastRunAt: NOON - 10 * MINUTE }))).toBe("go");
  });

  test("does not hold for a first sync, nor after one that lies in the future", () => {
    expect(wordsOf(judged("min_gap: 10m"))).toBe("go");
    expect(wordsOf(judged("min_gap: 10m", { lastRunAt: NOON + 60 * MINUTE }))).toBe("go");
  });
});

test("only what the conditions ask for is read", () => {
  const needed = (when: string, needsNetwork: boolean) => {
    const source = load(`sources: { a: { repo: /a, when: { ${when} } } }`).config.sources[0];
    return source === undefined ? [] : neededReadings({ when: source.when, needsNetwork });
  };
  expect(needed("", false)).toEqual([]);
  expect(needed("quiet_hours: 22:00-07:00, min_gap: 1h, max_defer: 1d", true)).toEqual(["network"]);
  expect(needed(EVERYTHING, false)).toEqual(Object.keys(CALM) as never);
  expect(needed('idle: 0s, power: "battery >= 0%", disk: ">= 0B"', false)).toEqual([]);
});

test("times are told in words that fit their distance", () => {
  const at = (now: string) =>
    judged("min_gap: 90d", { clock: zoneClock("Asia/Kolkata", now), lastRunAt: NOON });
  expect(iso(NOON)).toBe("2025-01-15T12:00Z");
  expect(wordsOf(at("2025-01-15T12:01:00Z"))).toEqual([
    "last sync 1 min ago, wants 90 d between two syncs: from 2025-04-15 17:30 on",
  ]);
});
