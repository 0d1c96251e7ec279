import { expect, test } from "bun:test";

import { auditLines } from "../../../src/cli/print/audit.ts";
import { pausedLines, pausedNote, resumedLines } from "../../../src/cli/print/pauses.ts";
import { statsLines } from "../../../src/cli/print/stats.ts";

import type { SourceStatus } from "../../../src/app/get-status.ts";
import { addedLines } from "../../../src/cli/print/added.ts";
import { diffLines } from "../../../src/cli/print/diff.ts";
import { listLines } from "../../../src/cli/print/list.ts";
import { loggedDocument, logLines, type LoggedRun } from "../../../src/cli/print/log.ts";
import type { Look } from "../../../src/cli/print/look.ts";
import { nextStep, statusLines } from "../../../src/cli/print/status.ts";
import { localTime, timeAgo } from "../../../src/cli/print/times.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const HOSTILE = "a\u001B[31m\nb\u202E";
const clock = fakeClock("2026-03-02T12:00:00Z");
const look: Look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock,
  width: undefined,
  home: "/home/me",
};
const NOW = clock.now();

const notes: SourceStatus = {
  name: "notes",
  kind: "repo",
  directory: "~/notes",
  branch: "main",
  uncommitted: 0,
  leftOut: 0,
  ahead: 0,
  behind: 0,
  hasWork: false,
  lastRun: undefined,
  lastGoodAt: NOW - 5 * 60_000,
  problem: undefined,
  openConflicts: 0,
  waiting: undefined,
};
const status = (...sources: readonly SourceStatus[]) => ({
  configFile: "/c",
  device: "laptop",
  sources,
  paused: [],
  daemon: { pid: 4711, isNeeded: true },
});

test("status shows one row a source", () => {
  const work = {
    ...notes,
    name: "work",
    directory: "~/work",
    uncommitted: 3,
    ahead: 1,
    behind: 2,
    hasWork: true,
  };
  const fresh = {
    ...notes,
    name: "fresh",
    branch: undefined,
    uncommitted: undefined,
    ahead: undefined,
    behind: undefined,
    lastGoodAt: undefined,
  };
  expect(statusLines(status(notes, work, fresh), look).join("\n")).toBe(
    [
      "   SOURCE  FOLDER   BRANCH  CHANGES        REMOTE             LAST SYNC",
      "✓  notes   ~/notes  main    none           in step            5 min ago",
      "·  work    ~/work   main    3 uncommitted  1 ahead, 2 behind  5 min ago",
      "·  fresh   ~/notes  -       -              not seen yet       never",
      "The daemon runs (process 4711); `lull why` tells what it waits for.",
    ].join("\n"),
  );
});

test("status names what a guard leaves out apart from what waits for a sync", () => {
  const secrets = { ...notes, leftOut: 2 };
  expect(statusLines(status(secrets), look).slice(1, -1)).toEqual([
    "✓  notes   ~/notes  main    none     in step  5 min ago",
    "! notes: 2 files left out by a guard. See: lull allow notes --list",
  ]);
  expect(nextStep(status(secrets))).toBe("Everything else is in sync.");
});

test("status names each problem with its next step below the table", () => {
  const lost = { ...notes, problem: { message: "/mnt/x is missing", hint: "is its drive mounted?" } };
  const odd = { ...notes, name: "odd", problem: { message: "busy", hint: undefined } };
  const other = { ...lost, name: "other" };
  expect(statusLines(status(lost, odd, other), look).slice(4, -1)).toEqual([
    "! notes: /mnt/x is missing",
    "! odd: busy",
    "! other: /mnt/x is missing",
    "  Hint: is its drive mounted?",
  ]);
  // The first one's hint is the last line of all.
  expect(nextStep(status(lost, odd, other))).toBe("Next, for notes: is its drive mounted?");
});

test("status tells what a due source waits for, and that nothing happens without a daemon", () => {
  const waiting = {
    cause: "change",
    dueSince: NOW - 20 * 60_000,
    reasons: ["on battery 24 %, wants >= 30 %", "load 1.3 per core, wants <= 0.8"],
    latestAt: NOW + 11 * 3_600_000,
  } as const;
  const good = {
    ...waiting,
    cause: "catch-up",
    dueSince: NOW - 24 * 3_600_000,
    reasons: [],
    latestAt: undefined,
  } as const;
  const shown = {
    ...status({ ...notes, waiting }, { ...notes, name: "code", waiting: good }),
    daemon: { pid: undefined, isNeeded: true },
  };
  expect(statusLines(shown, { ...look, width: 70 }).slice(3)).toEqual([
    "… notes: due since 11:40 (files changed), waits: on battery 24 %,",
    "  wants >= 30 %; load 1.3 per core, wants <= 0.8; runs at the latest",
    "  at 23:00",
    "… code: due since yesterday 12:00 (a missed time is made up for), now",
    "  is a good moment",
    "! No daemon runs, so nothing is synced by itself. Start one: lull",
    "  daemon start",
  ]);
  const manual = { ...status(notes), daemon: { pid: undefined, isNeeded: false } };
  expect(statusLines(manual, look)).toHaveLength(2);
});

test("the last line of status is the one thing to do next", () => {
  expect(nextStep(status())).toBe("No sources yet. Next: lull add FOLDER");
  expect(statusLines(status(), look)).toEqual([]);
  expect(nextStep(status(notes))).toBe("Everything is in sync.");
  const waiting = { ...notes, name: "work", uncommitted: 1, hasWork: true };
  // Edits that `auto_commit: false` leaves to the person are no work for a sync.
  expect(nextStep(status({ ...notes, uncommitted: 1 }))).toBe("Everything is in sync.");
  expect(nextStep(status(notes, waiting))).toBe("Next: lull sync work");
  expect(nextStep(status(waiting))).toBe("Next: lull sync");
  const broken = { ...notes, problem: { message: "m", hint: "mount the drive" } };
  expect(nextStep(status(waiting, broken))).toBe("Next, for notes: mount the drive");
  // Nothing to do about it: a branch that is left alone, a merge that somebody is in the middle of.
  const resting = { ...notes, problem: { message: "m", hint: undefined } };
  expect(nextStep(status(resting))).toBe("Everything else is in sync.");
  expect(nextStep(status(waiting, resting))).toBe("Next: lull sync work");
});

test("list shows names, folders and remotes", () => {
  const result = { configFile: "/c", device: "laptop" };
  expect(listLines({ ...result, sources: [] }, look)).toEqual([
    "No sources yet. Take in a folder with `lull add FOLDER`.",
  ]);
  expect(
    listLines(
      {
        ...result,
        sources: [
          {
            name: "notes",
            kind: "repo",
            directory: "~/notes",
            remotes: ["https://h/n.git"],
            schedules: ["every 6h"],
          },
          { name: "settings", kind: "settings", directory: undefined, remotes: [], schedules: [] },
        ],
      },
      look,
    ),
  ).toEqual([
    "SOURCE    KIND      FOLDER             REMOTE",
    "notes     repo      ~/notes            https://h/n.git",
    "settings  settings  (managed by lull)  none",
  ]);
});

const added = {
  name: "notes",
  directory: "/home/me/notes",
  repository: "created",
  branch: "main",
  remote: { url: "/home/me/.local/share/lull/remotes/notes.git", from: "local" },
  configFile: "/home/me/.config/lull/config.yaml",
  configCreated: true,
  warnings: [],
  schedules: ["every 6h"],
  watched: false,
  daemonPid: undefined,
  dryRun: false,
} as const;

test("add tells what was made and how to reach other machines", () => {
  expect(addedLines(added, look)).toEqual([
    "✓ Added the source notes",
    "  folder  ~/notes (a new git repository, branch main)",
    "  remote  ~/.local/share/lull/remotes/notes.git (on this machine, made by lull)",
    "  due     every 6h",
    "  config  ~/.config/lull/config.yaml",
    "To reach other machines, make an empty repository at a host, then:",
    "  lull config set sources.notes.remote URL",
    "Next:",
    "  lull sync notes       sync it now",
    "  lull daemon run       watch lull sync it by itself; Ctrl-C ends it",
    "  lull service install  have that done in the background, from each log-on on",
  ]);
  expect(addedLines({ ...added, watched: true }, look)[3]).toBe("  due     every 6h, when files change");
  expect(addedLines({ ...added, daemonPid: 4711 }, look).slice(-3)).toEqual([
    "Next:",
    "  lull sync notes  sync it now",
    "  lull why notes   what the daemon (process 4711) does with it, and when",
  ]);
});

test("add of an existing repository, and as a dry run", () => {
  const found = {
    ...added,
    repository: "existing",
    remote: { url: "https://h/n.git", from: "found" },
  } as const;
  expect(addedLines(found, look).slice(1, 3)).toEqual([
    "  folder  ~/notes (a git repository already, branch main)",
    "  remote  https://h/n.git (the repository's own)",
  ]);
  const dry = addedLines({ ...added, remote: { url: "https://h/n.git", from: "given" }, dryRun: true }, look);
  expect(dry[0]).toBe("✓ Would add the source notes");
  expect(dry[2]).toContain("(as given)");
  expect(dry.at(-1)).toBe("Nothing was changed.");
});

const run: LoggedRun = {
  id: 1,
  source: "notes",
  outcome: "synced",
  cause: "person",
  startedAt: NOW - 60_000,
  durationMs: 400,
  filesCommitted: 2,
  commitsReceived: 3,
  commitsSent: 1,
  bytesReceived: 0,
  bytesSent: 0,
  conflicts: 0,
  message: undefined,
  detail: '{"steps":[]}',
};

test("log shows when, what and how long", () => {
  expect(logLines([], look)).toEqual(["No syncs yet. Run the first one with `lull sync`."]);
  const failed = {
    ...run,
    outcome: "failed",
    filesCommitted: 0,
    commitsReceived: 0,
    commitsSent: 0,
    conflicts: 1,
    message: "cannot reach h",
  };
  expect(logLines([run, failed], look)).toEqual([
    "WHEN              SOURCE  CAUSE   OUTCOME  TOOK    WHAT",
    "2026-03-02 11:59  notes   person  synced   400 ms  committed 2 files, received 3 commits, sent 1",
    "2026-03-02 11:59  notes   person  failed   400 ms  1 conflict; cannot reach h",
  ]);
  expect(logLines([], look, true)).toEqual(["No such syncs."]);
});

test("a logged run as JSON carries its record as a document, or as text when it is none", () => {
  expect(loggedDocument(run)).toMatchObject({ id: 1, detail: { steps: [] } });
  expect(loggedDocument({ ...run, detail: "{broken" })).toMatchObject({ detail: "{broken" });
});

const diff = {
  name: "notes",
  directory: "/home/me/notes",
  entries: [
    {
      path: "a.md",
      change: "modified",
      where: "uncommitted",
      patch: ["@@ -1 +1 @@", "-old", "+new\tword", " same"],
    },
    { path: "b.bin", change: "added", where: "unsent", patch: undefined },
  ],
} as const;

test("diff tells why a file is left out, and shows nothing of it", () => {
  const entry = {
    path: "k.sh",
    change: "added",
    where: "left-out",
    patch: undefined,
    reason: "a key",
  } as const;
  for (const names of [true, false])
    expect(diffLines([{ ...diff, entries: [entry] }], { names }, look)).toEqual([
      "notes (~/notes)",
      "  in the folder, left out by a guard (see `lull allow NAME --list`):",
      "    added  k.sh: a key",
    ]);
});

test("diff shows each change under where it is", () => {
  expect(diffLines([diff, { ...diff, name: "calm", entries: [] }], { names: false }, look)).toEqual([
    "notes (~/notes)",
    "  in the folder, not committed yet:",
    "    modified a.md",
    "      @@ -1 +1 @@",
    "      -old",
    "      +new\tword",
    "       same",
    "  committed here, not sent yet:",
    "    added b.bin",
    "      (binary or too large to show)",
    "",
    "calm (~/notes): nothing to commit, send or receive",
  ]);
  expect(diffLines([diff], { names: true }, look)).toEqual([
    "notes (~/notes)",
    "  in the folder, not committed yet:",
    "    modified  a.md",
    "  committed here, not sent yet:",
    "    added  b.bin",
  ]);
});

test("diff colours what comes and goes", () => {
  const colored = diffLines([diff], { names: false }, { ...look, style: createStyle(true) });
  expect(colored).toContain("      \u001B[32m+new\tword\u001B[39m");
  expect(colored).toContain("      \u001B[31m-old\u001B[39m");
});

test("times read as people say them", () => {
  const ago = (ms: number): string => timeAgo(NOW - ms, clock);
  const minute = 60_000;
  expect([ago(10_000), ago(minute), ago(59 * minute), ago(60 * minute), ago(25 * 60 * minute)]).toEqual([
    "just now",
    "1 min ago",
    "59 min ago",
    "1 h ago",
    "1 day ago",
  ]);
  expect(ago(49 * 60 * minute)).toBe("2 days ago");
  expect(ago(40 * 24 * 60 * minute)).toBe("2026-01-21");
  expect(timeAgo(NOW + 3_600_000, clock)).toBe("2026-03-02 13:00");
  expect(timeAgo(NOW + 1000, clock)).toBe("just now");
  const rome = fakeClock(NOW);
  rome.setUtcOffset(60);
  expect(localTime(NOW, rome)).toBe("2026-03-02 13:00");
});

const hostilePause = { source: HOSTILE, since: NOW, until: undefined, reason: HOSTILE };

test("no printer passes on what could drive the terminal", () => {
  const text = [
    ...statusLines(
      status({
        ...notes,
        name: HOSTILE,
        directory: HOSTILE,
        branch: HOSTILE,
        problem: { message: HOSTILE, hint: HOSTILE },
      }),
      look,
    ),
    nextStep(status({ ...notes, problem: { message: "m", hint: HOSTILE } })),
    ...listLines(
      {
        configFile: HOSTILE,
        device: HOSTILE,
        sources: [
          { name: HOSTILE, kind: "repo", directory: HOSTILE, remotes: [HOSTILE], schedules: [HOSTILE] },
        ],
      },
      look,
    ),
    ...addedLines(
      { ...added, name: HOSTILE, directory: HOSTILE, branch: HOSTILE, configFile: HOSTILE },
      look,
    ),
    ...logLines([{ ...run, source: HOSTILE, outcome: HOSTILE, message: HOSTILE }], look),
    ...auditLines(
      [
        {
          id: 1,
          at: NOW,
          origin: "api",
          actor: HOSTILE,
          action: HOSTILE,
          source: HOSTILE,
          detail: { [HOSTILE]: HOSTILE, list: [HOSTILE] },
        },
      ],
      look,
    ),
    ...pausedLines({ changed: [hostilePause], paused: [hostilePause], dryRun: false }, look),
    ...resumedLines({ resumed: [hostilePause], paused: [hostilePause], dryRun: false }, look),
    pausedNote(hostilePause, look),
    ...statsLines(
      {
        name: HOSTILE,
        since: NOW,
        total: 1,
        outcomes: { [HOSTILE]: 1 },
        successRate: 0.9996,
        duration: { medianMs: 1, p95Ms: 2 },
        steps: { runs: 1, medians: [{ name: HOSTILE, ms: 1 }] },
        filesCommitted: 1,
        commitsReceived: 1,
        commitsSent: 1,
        bytesReceived: 1,
        bytesSent: 1,
        conflicts: 1,
        lastFailure: { ...run, source: HOSTILE, message: HOSTILE },
      },
      look,
    ),
    ...diffLines(
      [
        {
          name: HOSTILE,
          directory: HOSTILE,
          entries: [{ path: HOSTILE, change: "added", where: "unsent", patch: [HOSTILE] }],
        },
      ],
      { names: false },
      look,
    ),
  ];
  for (const line of text) expect(line).not.toMatch(/[\u0000-\u001F\u202A-\u202E]/);
});

test("list and status fit a narrow terminal", () => {
  const long = { ...notes, directory: "~/a folder with a rather long name of its own" };
  const narrow = { ...look, width: 60 };
  const [head = "", row = ""] = statusLines(status(long), narrow);
  expect(head).toStartWith("   SOURCE  FOLDER");
  expect(row).toBe("✓  notes   ~/a folder …  main    none     in step  5 min ago");
});

test("an open conflict is named below the table and is the next step", () => {
  const result = status({ ...notes, openConflicts: 2 });
  expect(statusLines(result, look).join("\n")).toContain("2 open conflicts. See: lull conflicts notes");
  expect(nextStep(result)).toBe("Next: lull conflicts");
});
