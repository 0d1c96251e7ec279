/** The daemon's log as a person reads it, from a home of its own and without a daemon. */
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { fakeClock } from "../../helpers/fake-clock.ts";
import { tempHome } from "../../helpers/temp-home.ts";
import { lull, type Ran } from "../fake-io.ts";

type Reader = (...args: readonly string[]) => Promise<Ran>;

function reader(entries: readonly Readonly<Record<string, unknown>>[]): Reader {
  const place = tempHome();
  if (entries.length > 0) {
    const file = join(place.stateDirectory, "logs", "lull.log");
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""), { mode: 0o600 });
  }
  const clock = fakeClock("2026-03-05T12:00:00Z");
  return (...args) => lull(["logs", ...args], { cwd: place.home, clock, env: place.env });
}

const ENTRIES = [
  { time: "2026-03-02T09:00:00Z", level: "info", kind: "watching", source: "notes", folders: 3 },
  {
    time: "2026-03-02T09:00:01Z",
    level: "info",
    kind: "waiting",
    source: "notes",
    reasons: ["on battery 24 %, wants >= 30 %"],
    dueSince: Date.parse("2026-03-02T09:00:00Z"),
    latestAt: Date.parse("2026-03-02T09:30:00Z"),
  },
  {
    time: "2026-03-03T09:00:00Z",
    level: "warn",
    kind: "gone",
    source: "code",
    message: "~/code is not there",
  },
  {
    time: "2026-03-03T09:00:01Z",
    level: "debug",
    kind: "assumed",
    source: "notes",
    words: ["whether it is used is unknown"],
  },
];

test("the log is the story, a day a heading, its times seen from when they were told", async () => {
  const logs = reader(ENTRIES);
  expect((await logs()).stdout).toBe(
    [
      "Mon 2026-03-02",
      "09:00:01  notes  … on battery 24 %, wants >= 30 %; at the latest in 30 min (09:30)",
      "Tue 2026-03-03",
      "09:00:00  code   ! ~/code is not there",
      "",
    ].join("\n"),
  );
  // What is not shown does not count.
  expect((await logs("--limit", "2")).stdout).toContain("on battery");
});

test("--verbose and --level debug add what was written of decisions and steps", async () => {
  const logs = reader(ENTRIES);
  const { stdout } = await logs("--verbose");
  expect(stdout).toContain("09:00:00  notes  · watches 3 folders\n");
  expect(stdout).toContain("09:00:01  notes  · whether it is used is unknown\n");
  expect((await logs("--level", "debug")).stdout).toBe(stdout);
});

test("by level and source, and as a document a line", async () => {
  const logs = reader(ENTRIES);
  expect((await logs("--level", "warn")).stdout).toBe(
    "Tue 2026-03-03\n09:00:00  code  ! ~/code is not there\n",
  );
  const lines = (await logs("--source", "notes", "--json")).stdout.trim().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    {
      version: 1,
      level: "info",
      at: Date.parse("2026-03-02T09:00:00Z"),
      kind: "watching",
      source: "notes",
      folders: 3,
    },
    expect.objectContaining({ kind: "waiting" }),
  ]);
});

test("nothing to show says why", async () => {
  const logs = reader(ENTRIES);
  expect((await logs("--source", "nots")).stderr).toBe('The log has no such entries of "nots".\n');
  expect((await logs("--level", "error")).stderr).toBe("The log has no such entries.\n");
  expect(await reader([])()).toEqual({
    code: 0,
    stdout: "",
    stderr: "The log is empty: no daemon has run yet. Next: lull daemon run\n",
  });
});

test("a level can be set in a running daemon only", async () => {
  const { code, stderr } = await reader(ENTRIES)("--set-level", "debug");
  expect([code, stderr]).toEqual([1, expect.stringContaining("no daemon runs")]);
  expect((await reader([])("--level", "loud")).code).toBe(2);
});
