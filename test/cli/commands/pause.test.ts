/** Pauses, figures and the audit log as a person sees them: the whole program on a home of its own. */
import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import type { CliIo } from "../../../src/cli/cli-io.ts";
import { fakeClock, type FakeClock } from "../../helpers/fake-clock.ts";
import { tempHome } from "../../helpers/temp-home.ts";
import { lull, type Ran } from "../fake-io.ts";

type Person = {
  readonly clock: FakeClock;
  readonly run: (...args: readonly string[]) => Promise<Ran>;
  readonly json: (...args: readonly string[]) => Promise<Readonly<Record<string, unknown>>>;
};

async function person(...sources: readonly string[]): Promise<Person> {
  const place = tempHome({ LULL_DEVICE: "laptop", USER: "ada", LOGNAME: "ada" });
  const clock = fakeClock("2026-03-02T12:00:00Z");
  const io: Partial<CliIo> = { cwd: place.home, clock, env: place.env };
  const run = (...args: readonly string[]): Promise<Ran> => lull(args, io);
  for (const source of sources) {
    mkdirSync(join(place.home, source));
    writeFileSync(join(place.home, source, "a.md"), "a\n");
    await run("add", source);
  }
  return { clock, run, json: async (...args) => JSON.parse((await run(...args, "--json")).stdout) };
}

test("a pause tells what rests and until when, and how to go on", async () => {
  const { run, clock } = await person("notes", "dotfiles");
  expect((await run("pause", "2h")).stdout).toBe(
    "✓ Paused all sources until 2026-03-02 14:00 (2 h)\nNext: lull resume, or lull sync NAME for once\n",
  );
  clock.advance(3_600_000);
  expect((await run("pause", "notes")).stdout).toBe(
    "✓ Paused notes until `lull resume notes`\n  paused as well: all sources until 2026-03-02 14:00 (1 h)\nNext: lull resume notes, or lull sync notes for once\n",
  );
  expect((await run("resume", "notes", "-n")).stdout).toContain("✓ Would resume notes");
  expect((await run("resume", "notes")).stdout).toBe(
    "✓ Resumed notes\n  still paused: all sources until 2026-03-02 14:00 (1 h)\nNext: lull resume, to let everything go on\n",
  );
  expect((await run("resume", "dotfiles")).stdout).toStartWith("Nothing to resume by that name.\n");
  expect((await run("resume")).stdout).toBe("✓ Resumed all sources\n");
  expect((await run("resume")).stdout).toBe("Nothing is paused.\n");
});

test("status shows what rests", async () => {
  const { run, json } = await person("notes", "dotfiles");
  await run("pause", "notes", "2h");
  expect((await run("status")).stdout).toMatch(/\n\S+ paused: notes until 2026-03-02 14:00 \(2 h\)\n/);
  expect((await run("status", "dotfiles")).stdout).not.toContain("paused");
  expect(await json("status")).toMatchObject({ paused: [{ source: "notes" }] });
});

test("pause by flag, as JSON and as a dry run; mistakes are usage errors", async () => {
  const { run, json } = await person("notes");
  expect((await run("pause", "notes", "--for", "30m", "--dry-run")).stdout).toBe(
    "✓ Would pause notes until 2026-03-02 12:30 (30 min)\nNothing was changed.\n",
  );
  expect(await json("pause", "notes", "--for", "30m")).toMatchObject({
    changed: [{ source: "notes", until: Date.parse("2026-03-02T12:30:00Z") }],
    paused: [{ source: "notes" }],
    dryRun: false,
  });
  expect(await json("resume")).toMatchObject({ resumed: [{ source: "notes" }], paused: [] });
  const typo = await run("pause", "nots", "2h");
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('did you mean "notes"?')]);
  const length = await run("pause", "notes", "--for", "soon");
  expect([length.code, length.stderr]).toEqual([
    2,
    expect.stringContaining('"soon" is no length of a pause'),
  ]);
});

test("a sync by hand goes through a pause and says so", async () => {
  const { run } = await person("notes");
  await run("pause", "notes", "2h");
  const { code, stderr } = await run("sync", "notes");
  expect(code).toBe(0);
  expect(stderr).toContain(
    "notes is paused until 14:00 and was synced because you asked; `lull resume notes` ends the pause",
  );
  expect((await run("sync", "notes", "--quiet")).stderr).toBe("");
});

test("stats shows figures of one source or all", async () => {
  const { run, json } = await person("notes");
  expect((await run("stats")).stdout).toBe("No syncs of any source since 2026-01-31 12:00.\n");
  await run("sync");
  await run("sync");
  const { stdout } = await run("stats", "notes", "--since", "1d");
  expect(stdout).toStartWith(
    "notes since 2026-03-01 12:00\n  syncs         2: 1 synced, 1 up-to-date\n  success       100 %\n",
  );
  expect(stdout).toContain("  committed     1 file\n");
  expect(stdout).toContain("  last failure  none\n");
  expect(await json("stats")).toMatchObject({
    total: 2,
    successRate: 1,
    commitsSent: 1,
    outcomes: { synced: 1 },
  });
  expect((await run("stats", "nots")).stderr).toContain('did you mean "notes"?');
  expect((await run("stats", "--since", "2026-02-30")).stderr).toContain('--since can not be "2026-02-30"');
});

test("stats names the last failure", async () => {
  const { run, json } = await person("notes");
  await run("config", "set", "sources.notes.remote", "/mnt/not-there/notes.git");
  await run("sync");
  const { stdout } = await run("stats");
  expect(stdout).toContain("  success       0 %\n");
  expect(stdout).toContain("  last failure  just now, notes: ");
  expect(await json("stats")).toMatchObject({
    lastFailure: { source: "notes", detail: { outcome: "failed" } },
  });
});

test("the history is filtered by time and outcome", async () => {
  const { run, json, clock } = await person("notes");
  await run("sync");
  clock.advance(3 * 86_400_000);
  await run("sync");
  expect(await json("history", "--since", "2d")).toMatchObject({ runs: [{ outcome: "up-to-date" }] });
  expect(await json("history", "--since", "2026-03-02")).toMatchObject({ runs: [{}, {}] });
  expect(await json("log", "notes", "--outcome", "synced,failed")).toMatchObject({
    runs: [{ outcome: "synced" }],
  });
  expect((await run("log", "--outcome", "failed")).stdout).toBe("No such syncs.\n");
  const typo = await run("log", "--outcome", "faild");
  expect([typo.code, typo.stderr]).toEqual([2, expect.stringContaining('did you mean "failed"?')]);
});

test("the audit log tells who changed what", async () => {
  const { run, json } = await person("notes");
  await run("config", "set", "device", "study");
  await run("pause", "notes", "2h");
  const { stdout } = await run("log", "--audit", "--limit", "2");
  const [head, ...rows] = stdout.trimEnd().split("\n");
  expect(head).toMatch(/^WHEN {14}WHO +CHANGE {6}SOURCE {2}DETAILS$/);
  expect(rows).toEqual([
    expect.stringMatching(/^2026-03-02 12:00 {2}\S+ +pause {7}notes {3}until=2026-03-02 14:00$/),
    expect.stringMatching(
      /^2026-03-02 12:00 {2}\S+ +config set {2}- {7}path=device before=laptop after=study$/,
    ),
  ]);
  expect(await json("history", "notes", "--audit")).toMatchObject({
    entries: [
      { action: "pause", origin: "cli" },
      { action: "add", origin: "cli" },
    ],
  });
  expect((await run("log", "--audit", "--outcome", "failed")).code).toBe(2);
  expect((await run("log", "--audit", "--since", "2026-03-03")).stdout).toBe("No changes are on record.\n");
});
