import type { Clock } from "../../src/base/clock.ts";
import type { JudgeInput, Verdict } from "../../src/conditions/conditions.ts";
import { judge } from "../../src/conditions/judge.ts";
import { neededReadings } from "../../src/conditions/needed-readings.ts";
import { type NetworkState, known } from "../../src/platform/readings/readings.ts";
import type { Readings } from "../../src/platform/readings/readings.ts";
import { load } from "../config/problem-of.ts";

export const ONLINE: NetworkState = {
  online: true,
  behindSignIn: false,
  metered: false,
  wifi: true,
  ssid: "home",
};

/** A machine that nothing can be said against. */
export const CALM: Readings = {
  network: known(ONLINE, "a test"),
  idle: known({ kind: "used", idleMs: 3_600_000 }, "a test"),
  power: known({ onMains: true, batteryPercent: 80, powerSaver: false }, "a test"),
  load: known(0.1, "a test"),
  disk: known(1e12, "a test"),
};

/** What time it is where Bun's tables know the zone. */
export function zoneClock(zone: string, now: string): Pick<Clock, "now" | "utcOffset"> {
  const shown = new Intl.DateTimeFormat("sv", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
  return {
    now: () => Date.parse(now),
    utcOffset: (at) => Math.round((Date.parse(`${shown.format(at).replace(" ", "T")}Z`) - at) / 60_000),
  };
}

/** @param when as in the file, within the braces */
export function judged(when: string, given: Partial<Omit<JudgeInput, "when">> = {}): Verdict {
  const source = load(`sources: { a: { repo: /a, when: { ${when} } } }`).config.sources[0];
  if (source === undefined) throw new Error("no source");
  const clock = given.clock ?? zoneClock("UTC", "2025-01-15T12:00:00Z");
  const needsNetwork = given.needsNetwork ?? true;
  const readings = { ...CALM, ...given.readings };
  const needed = neededReadings({ when: source.when, needsNetwork });
  return judge({
    when: source.when,
    needsNetwork,
    // Nothing but what was asked for.
    readings: Object.fromEntries(needed.map((name) => [name, readings[name]])),
    clock,
    dueSince: given.dueSince ?? clock.now(),
    lastRunAt: given.lastRunAt,
  });
}

/** The words of what it waits for, or "go". */
export function wordsOf(verdict: Verdict): readonly string[] | "go" {
  return verdict.kind === "go" ? "go" : verdict.reasons.map(({ words }) => words);
}

/** Times in local words are easier to compare. */
export function iso(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString().replace(/:00\.000Z$/, "Z");
}
