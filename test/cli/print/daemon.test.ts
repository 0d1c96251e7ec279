import { expect, test } from "bun:test";

import type { DaemonStatus, SourceState } from "../../../src/app/daemon-status.ts";
import { daemonLines } from "../../../src/cli/print/daemon.ts";
import type { Look } from "../../../src/cli/print/look.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const clock = fakeClock("2026-03-02T12:00:00Z");
const NOW = clock.now();
const MINUTE = 60_000;
const look: Look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock,
  width: undefined,
  home: "/home/me",
};

const resting: SourceState = {
  name: "notes",
  state: "resting",
  cause: undefined,
  dueSince: undefined,
  notBefore: undefined,
  waits: [],
  reason: undefined,
  nextAt: NOW + 90 * MINUTE,
  watch: "events",
  lastRun: { outcome: "synced", startedAt: NOW - 5 * MINUTE, durationMs: 800 },
};

function running(...sources: readonly SourceState[]): DaemonStatus {
  return {
    kind: "running",
    situation: {
      pid: 4711,
      version: "0.1.0",
      startedAt: NOW - 180 * MINUTE,
      configFile: "/home/me/.config/lull/config.yaml",
      memory: 42_000_000,
      isManaged: true,
      sources,
    },
  };
}

test("a running daemon shows what each source does, did last and does next", () => {
  const sources: readonly SourceState[] = [
    resting,
    {
      ...resting,
      name: "dotfiles",
      state: "waiting",
      dueSince: NOW - 20 * MINUTE,
      waits: [{ condition: "power", text: "on battery 24 %, wants >= 30 %" }],
      lastRun: { outcome: "failed", startedAt: NOW - 120 * MINUTE, durationMs: 800 },
    },
    { ...resting, name: "code", state: "running", nextAt: undefined, watch: undefined, lastRun: undefined },
    {
      ...resting,
      name: "site",
      state: "queued",
      notBefore: NOW + 20_000,
      reason: "no answer",
      watch: "polling",
    },
    { ...resting, name: "old", state: "parked", reason: "its process died 3 times in a row", watch: "gone" },
    { ...resting, name: "rest", state: "paused" },
  ];
  expect(daemonLines(running(...sources), look)).toEqual([
    "lull 0.1.0 keeps 6 sources in sync (process 4711, since 09:00, 42 MB, as a service)",
    "   SOURCE    STATE                   LAST SYNC        NEXT      WATCH",
    "·  notes     rests                   4 min ago        at 13:30  yes",
    "…  dotfiles  waits since 11:40       1 h ago: failed  at 13:30  yes",
    "→  code      syncs                   never            -         no",
    "·  site      starts in 20 s          4 min ago        at 13:30  polling",
    "!  old       stopped after failures  4 min ago        at 13:30  gone",
    "…  rest      paused                  4 min ago        at 13:30  yes",
    "… dotfiles: on battery 24 %, wants >= 30 %",
    "! site: no answer",
    "! old: its process died 3 times in a row",
    "  Hint: lull sync old",
    "Measured when the waiting began; `lull why` measures anew.",
  ]);
});

test("on a narrow terminal the table is cut and the rest is wrapped", () => {
  const waits = [{ condition: "power", text: "on battery 24 %, wants >= 30 % or the mains" }];
  const source: SourceState = { ...resting, name: "a-project-with-a-long-name", state: "waiting", waits };
  expect(daemonLines(running(source), { ...look, width: 60 })).toEqual([
    "lull 0.1.0 keeps 1 source in sync (process 4711, since",
    "09:00, 42 MB, as a service)",
    "   SOURCE                  STATE  LAST SYNC  NEXT      WATCH",
    "…  a-project-with-a-long…  waits  4 min ago  at 13:30  yes",
    "… a-project-with-a-long-name: on battery 24 %, wants >= 30 %",
    "  or the mains",
    "Measured when the waiting began; `lull why` measures anew.",
  ]);
});

test("none, or one that is silent, comes with the next step", () => {
  expect(daemonLines({ kind: "not-running" }, look)).toEqual([
    "No daemon runs.",
    "Next: lull daemon start, or lull service install to have it started at each log-on",
  ]);
  expect(daemonLines({ kind: "silent", pid: 42, since: NOW - 24 * 60 * MINUTE }, look)).toEqual([
    "A daemon (process 42, since yesterday 12:00) does not answer: it starts, ends or hangs.",
    "Next: look again in a moment; `lull daemon restart --force` ends it and starts a new one",
  ]);
  expect(daemonLines(running(), look)[1]).toBe("Next: lull add FOLDER");
});

test("names and reasons from outside can not drive the terminal", () => {
  const hostile = "a\u001B[31m";
  const lines = daemonLines(
    running({ ...resting, name: hostile, state: "parked", reason: hostile, watch: undefined }),
    look,
  );
  expect(lines.join("\n")).not.toContain("\u001B");
});
