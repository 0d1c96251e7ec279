import { describe, expect, test } from "bun:test";

import type { StoryEvent, Told } from "../../../src/app/story.ts";
import { emptyRun } from "../../../src/app/history.ts";
import { nameColumn, storyLines } from "../../../src/cli/print/story.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const clock = fakeClock("2026-03-02T12:00:00Z");
const NOW = clock.now();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock,
  width: undefined,
  home: "/home/me",
};
const NORMAL = { verbose: false, onlyProblems: false, nameWidth: 8, timeless: false };

function lines(events: readonly Told[], options: Partial<typeof NORMAL> = {}): readonly string[] {
  return events.flatMap((event) =>
    storyLines({ at: NOW, ...event } as StoryEvent, { ...NORMAL, ...options }, look),
  );
}

const run = { ...emptyRun({ source: "notes", startedAt: NOW, dryRun: false }), durationMs: 840 };
const error = {
  kind: "unreachable",
  code: "NETWORK",
  message: "github.com can not be reached",
  hint: undefined,
  causes: [],
  data: {},
  retry: true,
} as const;

const DAY: readonly Told[] = [
  {
    kind: "started",
    program: "0.1.0",
    pid: 4711,
    configFile: "/home/me/.config/lull/config.yaml",
    sources: 2,
    warnings: ["`transport` is accepted"],
  },
  {
    kind: "planned",
    source: "notes",
    schedules: ["every 6 hours"],
    watched: true,
    nextAt: NOW + 20 * MINUTE,
  },
  { kind: "planned", source: "code", schedules: [], watched: false, nextAt: undefined },
  { kind: "watching", source: "notes", folders: 12 },
  { kind: "changed", source: "notes", paths: ["a.md", "b.md", "c.md", "d.md"] },
  {
    kind: "waiting",
    source: "notes",
    reasons: ["on battery 24 %, wants >= 30 %", "load 1.3 per core, wants <= 0.8"],
    dueSince: NOW,
    latestAt: NOW + 12 * 60 * MINUTE,
  },
  { kind: "begin", source: "notes", cause: "change", dueSince: NOW - 1000 },
  { kind: "begin", source: "notes", cause: "catch-up", dueSince: NOW - 180 * MINUTE },
  { kind: "step", source: "notes", step: "scan", detail: "/home/me/notes" },
  {
    kind: "end",
    run: { ...run, outcome: "synced", committed: { commit: "abc", files: 3 } },
  },
  { kind: "end", run: { ...run, outcome: "up-to-date" } },
  { kind: "end", run: { ...run, outcome: "failed", error } },
  { kind: "retry", source: "notes", retryAt: NOW + 42_000, reason: error.message, attempts: 2 },
  { kind: "held", host: "github.com", until: NOW + 10 * MINUTE, reason: "it asked for patience" },
  { kind: "held", host: "slow.org", until: NOW + 8000, reason: "no answer", unreachable: true },
  { kind: "remark", level: "warn", message: "notices can not be sent (desktop): no desktop session is open" },
  { kind: "remark", level: "debug", message: "notice: github.com can not be reached" },
  { kind: "due", source: "notes", cause: "start", dueSince: NOW, notBefore: NOW + 20_000 },
  { kind: "begin", source: "notes", cause: "start", dueSince: NOW, attempts: 2 },
  { kind: "next", source: "notes", nextAt: NOW + HOUR },
  { kind: "lost", source: "notes", why: "signal SIGKILL" },
  { kind: "parked", source: "notes", reason: "its process died 3 times in a row" },
  { kind: "paused", source: "*", until: NOW + 120 * MINUTE, reason: "paused by me" },
  { kind: "resumed", source: "*" },
  { kind: "woke", awayMs: 8 * 60 * MINUTE },
  { kind: "network", online: false },
  { kind: "reloaded", added: ["new"], removed: [], changed: ["notes"], warnings: [] },
  {
    kind: "reload-refused",
    error: { ...error, kind: "config", message: "line 3: no", causes: ["line 3: no\n  3 | x\n    | ^"] },
  },
  { kind: "stopping", why: "asked to by Ctrl-C or SIGTERM", running: ["notes"] },
  { kind: "stopped" },
];

describe("the story of a day", () => {
  test("as a person reads it", () => {
    expect(lines(DAY).join("\n")).toMatchInlineSnapshot(`
      "12:00:00            ✓ lull 0.1.0 keeps 2 sources in sync (process 4711, ~/.config/lull/config.yaml)
                            ! \`transport\` is accepted
      12:00:00  notes     · every 6 hours, when files change; next in 20 min (12:20)
      12:00:00  code      · only when you ask
      12:00:00  notes     … on battery 24 %, wants >= 30 %; load 1.3 per core, wants <= 0.8; at the latest tomorrow 00:00
      12:00:00  notes     → syncs: files changed
      12:00:00  notes     → syncs, to make up for a missed time (due for 3 h)
      12:00:00  notes     ✓ committed 3 files in 840 ms
      12:00:00  notes     · up to date
      12:00:00  notes     ✗ github.com can not be reached
      12:00:00  notes     · next try in 42 s (2 failures in a row)
      12:00:00            · github.com is left alone until 12:10: it asked for patience
      12:00:00            ! notices can not be sent (desktop): no desktop session is open
      12:00:00  notes     → tries again
      12:00:00  notes     ✗ is not tried again by itself: its process died 3 times in a row
                            Hint: lull sync notes
      12:00:00            ! everything: paused by me, until 14:00
      12:00:00            ✓ the pause of everything has ended
      12:00:00            · nothing ran for 8 h (sleep); what was missed is made up for
      12:00:00            ! no network; sources with remotes wait
      12:00:00            ✓ the config was read anew; new: new; changed: notes
      12:00:00            ✗ the config file has a mistake; what was read before stays
                            line 3: no
                              3 | x
                                | ^
      12:00:00            · ends when notes is done: asked to by Ctrl-C or SIGTERM
      12:00:00            · ended"
    `);
  });

  test("--verbose adds decisions and steps, --quiet leaves what needs a person", () => {
    const verbose = lines(DAY, { verbose: true });
    expect(verbose.join("\n")).toContain("a.md, b.md, c.md and 1 more changed");
    expect(verbose.join("\n")).toContain("scan /home/me/notes");
    expect(verbose.join("\n")).toContain("due: the daemon started; starts in 20 s (jitter)");
    expect(verbose.join("\n")).toContain("slow.org is left alone for 8 s: no answer");
    expect(verbose.join("\n")).toContain("notice: github.com can not be reached");
    const quiet = lines(DAY, { onlyProblems: true }).join("\n");
    expect(quiet).not.toContain("every 6 hours");
    expect(quiet).not.toContain("committed 3 files");
    expect(quiet).toContain("github.com can not be reached");
    expect(quiet).toContain("is not tried again by itself");
  });

  test("a journal that adds the time itself gets none", () => {
    expect(lines([{ kind: "resumed", source: "notes" }], { timeless: true })).toEqual([
      "notes     ✓ the pause has ended",
    ]);
  });

  test("names and messages from outside can not drive the terminal", () => {
    const text = lines([{ kind: "parked", source: "a\u001b[31m", reason: "\u001b]0;title\u0007" }]).join("");
    expect(text).not.toContain("\u001b");
  });

  test("on a narrow terminal what is told stays in its column, and long names lose their middle", () => {
    const narrow = { ...look, width: 60 };
    const options = { ...NORMAL, nameWidth: nameColumn(["my-very-long-project-name"], narrow.width) };
    const told: readonly Told[] = [
      {
        kind: "waiting",
        source: "my-very-long-project-name",
        reasons: ['not on Wi-Fi (wants "Home")', "load 1.3 per core, wants <= 0.8"],
        dueSince: NOW,
        latestAt: NOW + 12 * HOUR,
      },
      {
        kind: "end",
        run: {
          ...run,
          source: "notes",
          outcome: "failed",
          error: {
            ...error,
            causes: ["this machine is offline", "the server is down"],
            hint: "check the URL",
          },
        },
      },
      {
        kind: "reload-refused",
        error: {
          ...error,
          message: "a",
          causes: [`c.yaml:3: no\n  3 | ${"x".repeat(60)} y\n    | ^`],
        },
      },
    ];
    const shown = told.flatMap((event) => storyLines({ at: NOW, ...event } as StoryEvent, options, narrow));
    expect(shown.join("\n")).toMatchInlineSnapshot(`
      "12:00:00  my-very…ct-name  … not on Wi-Fi (wants "Home");
                                   load 1.3 per core, wants <=
                                   0.8; at the latest tomorrow
                                   00:00
      12:00:00  notes            ✗ github.com can not be reached
                                   Likely causes: this machine is
                                   offline; the server is down
                                   Hint: check the URL
      12:00:00                   ✗ the config file has a mistake;
                                   what was read before stays
                                   a
                                   c.yaml:3: no
                                     3 | xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx y
                                       | ^"
    `);
  });

  test("times ahead are seen from when it happened, however long ago", () => {
    const yesterday = NOW - 24 * HOUR;
    const event: StoryEvent = {
      at: yesterday,
      kind: "retry",
      source: "notes",
      retryAt: yesterday + 42_000,
      reason: "",
      attempts: 1,
    };
    expect(storyLines(event, NORMAL, look)).toEqual(["12:00:00  notes     · next try in 42 s"]);
  });

  test("a failure that repeats itself is told in one line", () => {
    const failed: StoryEvent = {
      at: NOW,
      kind: "end",
      run: { ...run, outcome: "failed", error: { ...error, hint: "check the URL" } },
    };
    expect(storyLines(failed, { ...NORMAL, isRepeated: true }, look)).toEqual([
      "12:00:00  notes     ✗ as before: github.com can not be reached",
    ]);
    expect(storyLines(failed, { ...NORMAL, isRepeated: true, verbose: true }, look)).toHaveLength(2);
  });
});
