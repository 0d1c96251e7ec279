import { expect, test } from "bun:test";

import type { StoryEvent, Told } from "../../../src/app/story.ts";
import { emptyRun } from "../../../src/app/history.ts";
import { NO_OUTLOOK, outlookAfter, outlookText } from "../../../src/cli/print/outlook.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const clock = fakeClock("2026-03-02T12:00:00Z");
const NOW = clock.now();
const MINUTE = 60_000;

/** The line after each of these events. */
function outlooks(events: readonly Told[]): readonly string[] {
  let outlook = NO_OUTLOOK;
  return events.map((event) => {
    outlook = outlookAfter(outlook, { at: NOW, ...event } as StoryEvent);
    return outlookText(outlook, clock);
  });
}

const planned = (source: string, nextAt: number | undefined): Told => ({
  kind: "planned",
  source,
  schedules: [],
  watched: false,
  nextAt,
});
const begin = (source: string): Told => ({ kind: "begin", source, cause: "schedule", dueSince: NOW });
const end = (source: string): Told => ({
  kind: "end",
  run: { ...emptyRun({ source, startedAt: NOW, dryRun: false }), outcome: "synced" },
});

test("the last line tells what runs, what comes next and what waits", () => {
  expect(
    outlooks([
      planned("notes", NOW + 30 * MINUTE),
      planned("code", NOW + 20_000),
      { kind: "waiting", source: "code", reasons: ["on battery"], dueSince: NOW, latestAt: undefined },
      begin("notes"),
      begin("code"),
      end("notes"),
      end("code"),
      { kind: "retry", source: "notes", retryAt: NOW + 5 * MINUTE, reason: "", attempts: 1 },
      { kind: "next", source: "code", nextAt: NOW + 24 * 60 * MINUTE },
    ]),
  ).toEqual([
    "next: notes at 12:30; Ctrl-C ends it",
    "next: code at 12:00:20; Ctrl-C ends it",
    "next: notes at 12:30; waiting: code; Ctrl-C ends it",
    "syncing notes",
    "syncing notes, code",
    "syncing code",
    "next: code at 12:00:20; Ctrl-C ends it",
    "next: code at 12:00:20; Ctrl-C ends it",
    "next: notes at 12:05; Ctrl-C ends it",
  ]);
});

test("pauses, removed sources and the end of it all are taken in", () => {
  expect(
    outlooks([
      planned("notes", NOW + 30 * MINUTE),
      { kind: "paused", source: "*", until: undefined, reason: "paused by me" },
      { kind: "resumed", source: "*" },
      { kind: "paused", source: "notes", until: undefined, reason: "paused by me" },
      { kind: "resumed", source: "notes" },
      { kind: "reloaded", added: [], removed: ["notes"], changed: [], warnings: [] },
      begin("code"),
      { kind: "stopping", why: "asked to", running: ["code"] },
      end("code"),
    ]),
  ).toEqual([
    "next: notes at 12:30; Ctrl-C ends it",
    "everything is paused; Ctrl-C ends it",
    "next: notes at 12:30; Ctrl-C ends it",
    "nothing is due; Ctrl-C ends it",
    "next: notes at 12:30; Ctrl-C ends it",
    "nothing is due; Ctrl-C ends it",
    "syncing code",
    "waiting for code; Ctrl-C again ends it at once",
    "",
  ]);
});

test("with nothing but a watched folder it says what it watches for", () => {
  expect(
    outlooks([
      planned("notes", undefined),
      { kind: "watching", source: "notes", folders: 3 },
      begin("notes"),
      end("notes"),
      { kind: "reloaded", added: [], removed: ["notes"], changed: [], warnings: [] },
    ]),
  ).toEqual([
    "nothing is due; Ctrl-C ends it",
    "watching for changes; Ctrl-C ends it",
    "syncing notes",
    "watching for changes; Ctrl-C ends it",
    "nothing is due; Ctrl-C ends it",
  ]);
});

test("a name can not drive the terminal", () => {
  expect(outlooks([begin("a\u001b[31m")])[0]).not.toContain("\u001b");
});
