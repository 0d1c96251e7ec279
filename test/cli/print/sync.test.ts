import { expect, test } from "bun:test";

import { createLog } from "../../../src/base/log.ts";
import type { SyncReport } from "../../../src/app/sync-sources.ts";
import { worstOf } from "../../../src/cli/commands/sync.ts";
import type { Look } from "../../../src/cli/print/look.ts";
import { showSyncEvent } from "../../../src/cli/print/sync-event.ts";
import { syncLines, type Run } from "../../../src/cli/print/sync.ts";
import { createStyle, symbolsFor } from "../../../src/cli/style.ts";
import { fakeClock } from "../../helpers/fake-clock.ts";

const look: Look = {
  style: createStyle(false),
  symbols: symbolsFor({ LANG: "C.UTF-8" }),
  clock: fakeClock(),
  width: undefined,
  home: "/home/me",
};

type RunErrorKind = NonNullable<Run["error"]>["kind"];

const remote = {
  name: "origin",
  url: "https://h/n.git",
  received: 3,
  sent: 1,
  bytesReceived: 0,
  bytesSent: 0,
  moved: false,
  error: undefined,
};
const unreachable: NonNullable<Run["error"]> = {
  kind: "unreachable",
  code: "NETWORK",
  message: "cannot reach h.example",
  hint: "lull sync notes",
  causes: ["no network", "the host is down"],
  data: { source: "notes", remote: "origin", url: "https://h.example/n.git" },
  retry: true,
};
const run: Run = {
  source: "notes",
  outcome: "synced",
  startedAt: 0,
  durationMs: 400,
  dryRun: false,
  branch: "main",
  tip: undefined,
  savepoint: undefined,
  committed: { commit: "c0ffee", files: 2 },
  remotes: [remote],
  filesWritten: 3,
  filesRemoved: 0,
  conflicts: [],
  skippedPaths: [],
  reason: undefined,
  error: undefined,
  steps: [
    { name: "look", ms: 3 },
    { name: "fetch", ms: 200 },
  ],
};
const report = (...runs: readonly Run[]): SyncReport => ({ runs, paused: [], durationMs: 400, warnings: [] });
const lines = (runs: readonly Run[], options = {}) =>
  syncLines(report(...runs), { onlyProblems: false, verbose: false, ...options }, look);

test("a source is one line with what was done and how long it took", () => {
  const calm: Run = { ...run, source: "dotfiles", outcome: "up-to-date" };
  expect(lines([run, calm])).toEqual([
    "✓ notes     committed 2 files, received 3 commits, sent 1 in 400 ms",
    "· dotfiles  up to date",
  ]);
  expect(lines([{ ...run, committed: undefined, remotes: [{ ...remote, received: 0 }] }])).toEqual([
    "✓ notes  sent 1 commit in 400 ms",
  ]);
  expect(lines([{ ...run, committed: undefined, remotes: [] }])).toEqual(["✓ notes  synced in 400 ms"]);
});

test("a dry run speaks of what would be done, and of news that only a fetch can count", () => {
  const dry: Run = { ...run, dryRun: true };
  const news = { ...remote, received: 0, sent: 0, bytesReceived: 0, bytesSent: 0, moved: true };
  expect(lines([dry])).toEqual([
    "✓ notes  would commit 2 files, receive 3 commits, send 1",
    "Nothing was changed.",
  ]);
  expect(lines([{ ...dry, committed: undefined, remotes: [news] }])[0]).toBe(
    "✓ notes  would receive new commits",
  );
  expect(lines([{ ...dry, remotes: [news] }])[0]).toBe("✓ notes  would commit 2 files, receive new commits");
  expect(lines([{ ...dry, committed: undefined }])[0]).toBe("✓ notes  would receive 3 commits, send 1");
});

const met = { strategy: "keep-both", open: false, copy: undefined, commit: "c".repeat(40) } as const;

test("a conflict tells where each version is and what to do", () => {
  const conflicts: Run = {
    ...run,
    outcome: "conflict",
    conflicts: [
      {
        ...met,
        path: "plan.md",
        reason: "both sides changed it",
        kept: "both",
        copy: "plan.conflict-laptop-1.md",
        open: true,
      },
      { ...met, path: "a.md", reason: "removed there, changed here", kept: "ours" },
      { ...met, path: "b.md", reason: "changed there, removed here", kept: "theirs" },
      { ...met, path: "c.md", reason: "content", strategy: "union", kept: "union" },
    ],
  };
  expect(lines([conflicts])).toEqual([
    "! notes  committed 2 files, received 3 commits, sent 1 in 400 ms; 1 conflict needs you",
    "    plan.md: both sides changed it (keep-both)",
    "      the remote's version has the name",
    "      this device's is in plan.conflict-laptop-1.md",
    "    a.md: removed there, changed here (keep-both)",
    "      this device's version was kept; the remote's is in the history",
    "    b.md: changed there, removed here (keep-both)",
    "      the remote's version was kept; this device's is in the history",
    "    c.md: content (union)",
    "      it has the lines of both",
    "    Next: lull resolve --source notes (or put what you want to keep under the name and delete the copy)",
  ]);
  const kept: Run = { ...conflicts, outcome: "synced", conflicts: conflicts.conflicts.slice(1) };
  expect(lines([kept])[0]).toBe("✓ notes  committed 2 files, received 3 commits, sent 1 in 400 ms");
  expect(lines([kept]).join("\n")).not.toContain("Next:");
});

test("a failure shows message, facts, causes and next step; the source is not named twice", () => {
  expect(lines([{ ...run, outcome: "failed", error: unreachable }])).toEqual([
    "✗ notes  cannot reach h.example",
    "    remote  origin      url  https://h.example/n.git",
    "    Likely causes: no network; the host is down",
    "    Hint: lull sync notes",
  ]);
  expect(lines([{ ...run, outcome: "failed" }])).toEqual(["✗ notes  failed"]);
});

test("a partial sync names the remote that failed", () => {
  const partial: Run = {
    ...run,
    outcome: "partial",
    remotes: [remote, { ...remote, name: "backup", error: { ...unreachable, data: {}, causes: [] } }],
    reason: "backup: cannot reach h.example",
  };
  expect(lines([partial]).slice(1)).toEqual([
    "    backup: cannot reach h.example",
    "    Hint: lull sync notes",
  ]);
});

test("a skipped source says why", () => {
  expect(lines([{ ...run, outcome: "skipped", reason: "a rebase is in progress" }])).toEqual([
    "- notes  skipped: a rebase is in progress",
  ]);
  expect(lines([{ ...run, outcome: "skipped" }])).toEqual(["- notes  skipped: left alone"]);
});

test("things that are not carried are named, five at most unless --verbose", () => {
  const skippedPaths = Array.from({ length: 7 }, (_, index) => ({ path: `s${index}`, reason: "a socket" }));
  expect(lines([{ ...run, skippedPaths }]).slice(-2)).toEqual([
    "    not carried: s4 (a socket)",
    "    not carried: 2 more (--verbose names them)",
  ]);
  expect(lines([{ ...run, skippedPaths }], { verbose: true }).slice(-2)).toEqual([
    "    not carried: s6 (a socket)",
    "    look 3 ms, fetch 200 ms",
  ]);
});

test("a dry run speaks of what would be", () => {
  expect(lines([{ ...run, dryRun: true }])).toEqual([
    "✓ notes  would commit 2 files, receive 3 commits, send 1",
    "Nothing was changed.",
  ]);
});

test("--quiet leaves only the sources that need somebody", () => {
  expect(lines([run, { ...run, outcome: "up-to-date" }], { onlyProblems: true })).toEqual([]);
  expect(lines([run, { ...run, outcome: "skipped" }], { onlyProblems: true })).toHaveLength(1);
});

test("hostile names and server messages stay text", () => {
  const hostile = "a\u001B[2J\nb";
  const error = {
    ...unreachable,
    message: hostile,
    hint: hostile,
    causes: [hostile],
    data: { path: hostile },
  };
  const text = lines([
    {
      ...run,
      source: hostile,
      outcome: "partial",
      remotes: [{ ...remote, name: hostile, error }],
      conflicts: [{ ...met, path: hostile, reason: hostile, kept: "both", copy: hostile, open: true }],
      skippedPaths: [{ path: hostile, reason: hostile }],
    },
    { ...run, source: hostile, outcome: "failed", error },
  ]);
  for (const line of text) expect(line).not.toMatch(/[\u0000-\u001F]/);
});

test("the gravest outcome of several sources gives the exit code", () => {
  const failed = (kind: RunErrorKind): Run => ({
    ...run,
    outcome: "failed",
    error: { ...unreachable, kind },
  });
  const conflict: Run = {
    ...run,
    outcome: "conflict",
    conflicts: [{ ...met, path: "a", reason: "", kept: "ours", open: true }],
  };
  expect(worstOf(report(run))).toBe("ok");
  expect(worstOf(report(run, conflict))).toBe("conflict");
  expect(worstOf(report(conflict, failed("unreachable")))).toBe("unreachable");
  expect(worstOf(report(failed("unreachable"), failed("auth"), failed("failed")))).toBe("auth");
  expect(worstOf(report({ ...run, outcome: "failed" }))).toBe("failed");
  expect(worstOf(report({ ...run, outcome: "partial", remotes: [{ ...remote, error: unreachable }] }))).toBe(
    "unreachable",
  );
  expect(worstOf(report({ ...run, outcome: "skipped", error: { ...unreachable, kind: "unsafe" } }))).toBe(
    "unsafe",
  );
});

test("events are progress, and with --verbose log lines", () => {
  const shown: unknown[] = [];
  const log: string[] = [];
  const progress = { show: (...args: readonly unknown[]) => shown.push(args), clear: () => {} };
  const tell = showSyncEvent(
    progress,
    createLog("verbose", (line) => log.push(line)),
  );
  tell({ kind: "step", source: "notes", step: "fetch", detail: "origin" });
  tell({ kind: "progress", source: "notes", step: "receive", done: 1, total: 3, unit: "bytes" });
  expect(shown).toEqual([["notes: fetch"], ["notes: receive", 1, 3, "bytes"]]);
  expect(log).toEqual(["  notes: fetch origin"]);
});
