import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { join } from "node:path";

import { createStore, openDatabase } from "../../src/store/database.ts";
import { MIGRATIONS } from "../../src/store/migrate.ts";
import { createAuditStore } from "../../src/store/sqlite-audit-store.ts";
import { createRunStore } from "../../src/store/sqlite-run-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const figures = {
  cause: "schedule",
  outcome: "synced",
  startedAt: 1_700_000_000_000,
  durationMs: 40,
  filesCommitted: 0,
  commitsReceived: 0,
  commitsSent: 0,
  bytesReceived: 0,
  bytesSent: 0,
  conflicts: 0,
  message: undefined,
} as const;

const detail = (savepoint: string, tip: string) => ({ savepoint, tip, more: ["x".repeat(2000)] });

test("the run that took a savepoint is found behind any number of others, each source for itself", () => {
  using store = createStore(join(temporaryDirectory(), "lull.db"));
  const runs = createRunStore(store);
  const record = (source: string, text: string) => runs.record({ ...figures, source, detail: text });
  record("notes", JSON.stringify(detail("first", "a")));
  record("other", JSON.stringify(detail("first", "b")));
  for (const text of ["{}", "no JSON", JSON.stringify({ waits: [] })])
    for (let number = 0; number < 100; number++) record("notes", text);
  expect(runs.tipAfter({ source: "notes", savepoint: "first" })).toBe("a");
  expect(runs.tipAfter({ source: "other", savepoint: "first" })).toBe("b");
  expect(runs.tipAfter({ source: "notes", savepoint: "second" })).toBeUndefined();
});

test("so is the change of a person", () => {
  using store = createStore(join(temporaryDirectory(), "lull.db"));
  const audit = createAuditStore(store);
  const entry = { at: 1, origin: "cli", actor: "ada", action: "undo", source: "notes" } as const;
  audit.record({ ...entry, detail: detail("first", "a") });
  audit.record({ ...entry, detail: { savepoint: "second" } });
  expect(audit.tipAfter({ source: "notes", savepoint: "first" })).toBe("a");
  expect(audit.tipAfter({ source: "notes", savepoint: "second" })).toBeUndefined();
});

test("what an older lull wrote down counts, and no row is read for it but the one", () => {
  const file = join(temporaryDirectory(), "lull.db");
  {
    using old = new Database(file);
    for (const sql of MIGRATIONS.slice(0, 8)) old.run(sql);
    old.run("PRAGMA user_version = 8");
    old.run(
      `INSERT INTO runs (source, outcome, started_at, duration_ms, files_committed, commits_received, commits_sent,
         conflicts, detail) VALUES ('notes', 'synced', 1, 1, 0, 0, 0, 0, ?)`,
      [JSON.stringify(detail("first", "a"))],
    );
  }
  using database = openDatabase(file);
  const plan = database
    .query<{ detail: string }, []>(
      "EXPLAIN QUERY PLAN SELECT detail FROM runs WHERE source = 'notes' AND savepoint = 'first'",
    )
    .all();
  expect(plan.map((step) => step.detail)).toEqual([
    "SEARCH runs USING INDEX runs_by_savepoint (source=? AND savepoint=?)",
  ]);
  using store = createStore(file);
  expect(createRunStore(store).tipAfter({ source: "notes", savepoint: "first" })).toBe("a");
});
