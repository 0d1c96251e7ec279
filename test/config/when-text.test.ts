/** The grammar of conditions: what each text means, and what a person reads of one that means nothing or never holds. */
import { describe, expect, test } from "bun:test";

import { coverTheWeek, parseQuietHours } from "../../src/config/quiet-hours-text.ts";
import { parseDisk, parseNetwork, parsePower } from "../../src/config/when-text.ts";
import { load, problemOf } from "./problem-of.ts";

const ANY = { unmetered: false, wifi: false, ssids: [] };

test("a network is lull's words and names of Wi-Fi networks, with commas or as a list", () => {
  expect(parseNetwork("online")).toEqual(ANY);
  expect(parseNetwork("Unmetered, wifi")).toEqual({ unmetered: true, wifi: true, ssids: [] });
  expect(parseNetwork("unmetered, Casa Rossi,work")).toEqual({
    unmetered: true,
    wifi: false,
    ssids: ["Casa Rossi", "work"],
  });
  expect(parseNetwork(["Bed, Breakfast", "ssid:wifi"])).toEqual({
    ...ANY,
    ssids: ["Bed, Breakfast", "wifi"],
  });
});

test("power is one demand or several", () => {
  const none = { mains: false, batteryPercent: undefined, noPowerSaver: false };
  expect(parsePower("mains")).toEqual({ ...none, mains: true });
  expect(parsePower("Battery>=30 %")).toEqual({ ...none, batteryPercent: 30 });
  expect(parsePower("battery ≥ 5% and no power-saver")).toEqual({
    ...none,
    batteryPercent: 5,
    noPowerSaver: true,
  });
  expect(parsePower("no power-saver, mains")).toEqual({ ...none, mains: true, noPowerSaver: true });
});

test("free space is a size", () => {
  expect(parseDisk(">= 1GB")).toBe(1e9);
  expect(parseDisk("  >=500 MiB ")).toBe(500 * 2 ** 20);
});

test("quiet hours are a span of time, on some days or on all", () => {
  expect(parseQuietHours("22:00-07:00")).toEqual({ from: 1320, to: 420, days: [] });
  expect(parseQuietHours(" 9:30 – 17:00 ")).toEqual({ from: 570, to: 1020, days: [] });
  expect(parseQuietHours("Mon-Fri 09:00-17:00")).toEqual({ from: 540, to: 1020, days: [1, 2, 3, 4, 5] });
  expect(parseQuietHours("sat,sunday 00:00-24:00")).toEqual({ from: 0, to: 1440, days: [0, 6] });
  expect(parseQuietHours("fri-mon, wed 01:00-02:00")).toEqual({ from: 60, to: 120, days: [0, 1, 3, 5, 6] });
});

describe("no condition:", () => {
  const WRONG: readonly (readonly [(text: string) => unknown, string, string])[] = [
    [parseNetwork, "unmeterd", 'did you mean "unmetered"? A Wi-Fi network of that name is "ssid:unmeterd"'],
    [parseNetwork, "Wi-Fi", 'did you mean "wifi"?'],
    [parseNetwork, "home,,work", "names no network"],
    [parseNetwork, "ssid:", "names no Wi-Fi network"],
    [parseNetwork, "a name that nobody could ever give to it", "at most 32 bytes"],
    [parsePower, "battery >= 101%", "can never hold: a battery has 100% at most"],
    [parsePower, "battery 30", 'did you mean "battery >= 30%"?'],
    [parsePower, "30%", 'did you mean "battery >= 30%"?'],
    [parsePower, "battery > 30%", 'did you mean "battery >= 30%"?'],
    [parsePower, "battery < 30%", 'write "mains", "battery >= 30%" or "no power-saver"'],
    [parsePower, "AC", 'did you mean "mains"?'],
    [parsePower, "no powersaver", 'did you mean "no power-saver"?'],
    [parsePower, "mians", 'did you mean "mains"?'],
    [parsePower, "mains or battery >= 30%", "is no condition for power"],
    [parsePower, "mains, battery >= 30%", "keep one of them"],
    [parsePower, "mains,", '"" is no condition for power'],
    [parseDisk, "1GB", 'did you mean ">= 1GB"?'],
    [parseDisk, "> 1 GB", 'did you mean ">= 1GB"?'],
    [parseDisk, ">= 10 PB", "can never hold: no disk has so much space free"],
    [parseDisk, ">= 10000TB", "can never hold"],
    [parseDisk, ">= 3 elephants", "is no size"],
    [parseDisk, ">= much", 'write ">= 1GB"'],
    [parseDisk, "-1GB", "is no condition for a disk"],
    [parseQuietHours, "22-7", 'did you mean "22:00-07:00"?'],
    [parseQuietHours, "22.30 to 7h00", 'did you mean "22:30-07:00"?'],
    [parseQuietHours, "at night", "write"],
    [parseQuietHours, "25-26", "write"],
    [parseQuietHours, "24:00-07:00", "is no span of time"],
    [parseQuietHours, "22:00-24:30", "is no span of time"],
    [parseQuietHours, "22:61-07:00", "is no span of time"],
    [parseQuietHours, "08:00-08:00", 'a whole day is "00:00-24:00"'],
    [parseQuietHours, "fry 08:00-09:00", 'did you mean "fri"?'],
    [parseQuietHours, "mon-wed-fri 08:00-09:00", '"mon-wed-fri" is no day of the week'],
    [parseQuietHours, "at 08:00-09:00", '"at" is no day of the week'],
  ];
  for (const [parse, text, reason] of WRONG) test(text, () => expect(parse(text)).toContain(reason));

  test("a very long one is refused at once", () => {
    for (const parse of [parseNetwork, parsePower, parseDisk, parseQuietHours]) {
      for (const text of [" ".repeat(4096), "9".repeat(4096), `${"a ".repeat(2000)}1`, "and,".repeat(1000)])
        expect(parse(text)).toBeString();
    }
  });
});

test("a mistake in the file is shown where it stands", () => {
  expect(problemOf('defaults: { when: { power: "battery >= 101%" } }').causes[0]).toContain(
    'config.yaml:1:28: "battery >= 101%" can never hold: a battery has 100% at most',
  );
  expect(problemOf("defaults: { when: { quiet_hours: [22:00-07:00, 12-13] } }").causes[0]).toContain(
    'config.yaml:1:48: "12-13" is no span of time; did you mean "12:00-13:00"?',
  );
  expect(problemOf("defaults: { when: { load: 0 } }").causes[0]).toContain("can hardly ever hold");
  expect(problemOf("defaults: { when: { unknown: goo } }").causes[0]).toContain("did you mean `go`?");
});

test("conditions of the defaults are taken back by a source", () => {
  const { config } = load(`defaults: { when: { network: unmetered, quiet_hours: 22:00-07:00, power: mains } }
sources: { a: { repo: /a, when: { network: [], quiet_hours: [], power: battery >= 0% } } }
`);
  expect(config.sources[0]?.when).toMatchObject({
    network: undefined,
    quietHours: [],
    power: { mains: false, batteryPercent: 0 },
  });
});

describe("quiet hours that never end", () => {
  const always = "[00:00-12:00, mon-sun 12:00-24:00]";

  test("are refused once, where they stand, however many sources they hold for", () => {
    const error = problemOf(
      `defaults: { when: { quiet_hours: ${always} } }\nsources: { a: { repo: /a }, b: { repo: /b } }\n`,
    );
    expect(error.causes).toEqual([
      expect.stringContaining('config.yaml:1:34: the quiet hours of "a" cover the whole week'),
    ]);
    expect(problemOf(`sources: { a: { repo: /a, when: { quiet_hours: ${always} } } }`).causes[0]).toContain(
      "config.yaml:1:48:",
    );
  });

  test("are fine with an end to waiting, also one from elsewhere", () => {
    const text = `defaults: { when: { max_defer: 1d } }\nsources: { a: { repo: /a, when: { quiet_hours: ${always} } } }`;
    expect(load(text).config.sources[0]?.when.maxDeferMs).toBe(86_400_000);
  });

  test.each([
    [["00:00-24:00"], true],
    [["22:00-21:59"], false],
    [["22:00-21:59", "sun 21:00-22:00"], false],
    [["22:00-21:59", "21:59-22:00"], true],
    [["sat 12:00-11:00", "sun-fri 00:00-24:00", "sat 00:00-12:00"], true],
  ])("%p: %p", (texts, expected) => {
    const hours = texts.map(parseQuietHours).filter((one) => typeof one !== "string");
    expect(hours).toHaveLength(texts.length);
    expect(coverTheWeek(hours)).toBe(expected);
  });
});

test("what can hold, but hardly as it was meant, is warned of", () => {
  const { warnings } = load(`sources:
  a: { repo: /a, when: { idle: 3d } }
  b: { repo: /b, when: { idle: 3d, max_defer: 7d } }
  c: { repo: /c, when: { min_gap: 1d, max_defer: 12h } }
`);
  expect(warnings.filter((warning) => !warning.includes("does not act on it yet"))).toEqual([
    '"a" waits until nobody used this machine for 3 d (`when.idle`), which may never be; `when.max_defer` sets an end to waiting',
    '`when.min_gap` of "c" (1 d) is longer than its `when.max_defer` (12 h), after which it is synced all the same',
  ]);
});
