import { expect, test } from "bun:test";

import type { WhyResult, WhySource } from "../../../src/app/why-source.ts";
import type { Look } from "../../../src/cli/print/look.ts";
import { whyLines } from "../../../src/cli/print/why.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import type { Job } from "../../../src/queue/job.ts";
import { NO_FACTS } from "../../../src/queue/job.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const clock = fakeClock("2026-03-02T12:00:00Z");
const NOW = clock.now();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const look: Look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock,
  width: undefined,
  home: "/home/me",
};

const GO = { kind: "go", despite: [], overdue: false, assumed: [] } as const;
const REASON = {
  condition: "power",
  wanted: "battery >= 30 %",
  measured: "on battery 24 %",
  words: "on battery 24 %, wants >= 30 %",
  until: undefined,
  firm: false,
} as const;
const WAIT = {
  kind: "wait",
  reasons: [REASON],
  assumed: [],
  latestAt: NOW + 11 * HOUR,
  recheckAt: NOW + MINUTE,
} as const;

const RUN = {
  id: 7,
  source: "notes",
  outcome: "synced",
  cause: "schedule",
  startedAt: NOW - 5 * HOUR,
  durationMs: 840,
  filesCommitted: 1,
  commitsReceived: 0,
  commitsSent: 1,
  bytesReceived: 0,
  bytesSent: 10,
  conflicts: 0,
  message: undefined,
  detail: "{}",
} as const;

const notes: WhySource = {
  name: "notes",
  enabled: true,
  kind: "repo",
  schedules: ["every 6h"],
  watched: true,
  nextAt: NOW + HOUR,
  pause: undefined,
  job: undefined,
  heldHost: undefined,
  verdict: GO,
  assumed: [],
  lastRun: RUN,
  situation: undefined,
};

function job(changes: Partial<Job>): Job {
  return {
    source: "notes",
    state: "queued",
    cause: "schedule",
    facts: NO_FACTS,
    host: undefined,
    requestedAt: NOW,
    dueSince: NOW - 20 * MINUTE,
    notBefore: NOW - 20 * MINUTE,
    attempts: 0,
    crashes: 0,
    hints: undefined,
    waits: [],
    again: undefined,
    lease: undefined,
    reason: undefined,
    ...changes,
  };
}

const why = (changes: Partial<WhySource>, result: Partial<WhyResult> = {}): string =>
  whyLines({ daemonPid: 4711, sources: [{ ...notes, ...changes }], ...result }, look).join("\n");

const LAST = "    last sync: 5 h ago, synced in 840 ms";
const NEXT = "    next sync: every 6h, when files change; next at 13:00";

test("what is not due says when it is next", () => {
  expect(why({})).toBe(["notes  is not due", LAST, NEXT].join("\n"));
  expect(why({ lastRun: undefined, schedules: ["manual"], watched: false, nextAt: undefined })).toBe(
    "notes  is not due\n    last sync: never\n    next sync: only when you ask",
  );
  expect(why({ verdict: WAIT })).toContain("\n    … were it due now: on battery 24 %, wants >= 30 %\n");
});

test("what is due says since when and why, and what it waits for", () => {
  expect(why({ job: job({}), verdict: WAIT })).toBe(
    [
      "notes  is due since 11:40 (its schedule says so) and waits",
      "    … on battery 24 %, wants >= 30 %",
      "    runs at the latest at 23:00 (max_defer)",
      LAST,
      NEXT,
    ].join("\n"),
  );
  expect(why({ job: job({ cause: "change" }) })).toBe(
    [
      "notes  is due since 11:40 (files changed)",
      "    ✓ now is a good moment; it starts when its turn comes",
      LAST,
      NEXT,
    ].join("\n"),
  );
  expect(why({ job: job({ cause: "start", notBefore: NOW + 30_000 }) })).toStartWith(
    "notes  is due since 11:40 (the daemon started); starts in 30 s\n    last sync",
  );
});

test("what failed says with what, and when it is tried again", () => {
  const reason = "github.com can not be reached";
  const failed = job({ attempts: 2, notBefore: NOW + 5 * MINUTE, reason, host: "github.com" });
  const heldHost = { host: "github.com", until: NOW + 5 * MINUTE, reason, failures: 2 };
  expect(why({ job: failed, heldHost })).toBe(
    [
      "notes  is due since 11:40 (its schedule says so); tries again in 5 min (12:05)",
      "    ! github.com can not be reached",
      "    … github.com is left alone until 12:05",
      LAST,
      NEXT,
    ].join("\n"),
  );
  expect(why({ job: job({ state: "parked", reason: "its process died 3 times in a row" }) })).toStartWith(
    [
      "notes  is not tried again by itself",
      "    ! its process died 3 times in a row",
      "    Hint: lull sync notes",
    ].join("\n"),
  );
});

test("what runs, rests or is switched off says so", () => {
  expect(why({ job: job({ state: "running", cause: "person" }), verdict: WAIT })).toBe(
    ["notes  syncs right now (you asked for it)", LAST, NEXT].join("\n"),
  );
  const pause = { source: "notes", since: NOW, until: undefined, reason: "paused by ada" };
  expect(why({ pause })).toStartWith("notes  is paused until `lull resume notes` (by ada)\n");
  expect(why({ pause: { ...pause, source: "*", until: NOW + HOUR } })).toStartWith(
    "notes  is paused with all others until 13:00 (by ada)\n",
  );
  expect(why({ enabled: false, verdict: WAIT })).toBe(
    ["notes  is switched off (`enabled: false`)", LAST, "    next sync: only when you ask"].join("\n"),
  );
});

test("without a daemon the first line says so, and what was missed waits for one", () => {
  expect(why({ nextAt: NOW - 10 * MINUTE, watched: false }, { daemonPid: undefined })).toBe(
    [
      "! No daemon runs, so nothing is synced by itself. Next: lull daemon start",
      "notes  is not due",
      LAST,
      "    next sync: every 6h; due since 11:50, runs when a daemon does",
    ].join("\n"),
  );
  expect(why({}, { sources: [] })).toBe("No sources yet. Next: lull add FOLDER");
});

test("a folder that is gone or only polled, and what could not be checked, are told", () => {
  const live = {
    name: "notes",
    state: "resting",
    cause: undefined,
    dueSince: undefined,
    notBefore: undefined,
    waits: [],
    reason: undefined,
    nextAt: undefined,
  } as const;
  expect(why({ situation: { ...live, watch: "gone" } })).toEndWith("\n    ! its folder is not there");
  expect(why({ situation: { ...live, watch: "polling" } })).toEndWith("`lull logs` says why");
  const assumed = [{ condition: "idle", words: "whether it is used is unknown" }] as const;
  expect(why({ verdict: { ...GO, assumed } })).toContain("\n    whether it is used is unknown\n");
});

test("long lines stay in their column on a terminal", () => {
  const sources = [{ ...notes, job: job({}), verdict: WAIT }];
  expect(whyLines({ daemonPid: 1, sources }, { ...look, width: 40 })).toEqual([
    "notes  is due since 11:40 (its schedule",
    "       says so) and waits",
    "    … on battery 24 %, wants >= 30 %",
    "    runs at the latest at 23:00",
    "    (max_defer)",
    "    last sync: 5 h ago, synced in 840 ms",
    "    next sync: every 6h, when files",
    "    change; next at 13:00",
  ]);
});

test("names and reasons from outside can not drive the terminal", () => {
  const hostile = "a\u001B[31m";
  const text = why({
    name: hostile,
    schedules: [hostile],
    job: job({ reason: hostile }),
    pause: { source: hostile, since: NOW, until: undefined, reason: hostile },
  });
  expect(text).not.toContain("\u001B");
});
