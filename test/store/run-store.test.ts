import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { existsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createStore, openDatabase } from "../../src/store/database.ts";
import { MIGRATIONS } from "../../src/store/migrate.ts";
import type { RunSummary } from "../../src/store/run-summary.ts";
import { createRunStore } from "../../src/store/sqlite-run-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

function summary(source: string, outcome: string, message?: string): RunSummary {
  return {
    source,
    outcome,
    cause: "schedule",
    startedAt: 1_700_000_000_000,
    durationMs: 40,
    filesCommitted: 2,
    commitsReceived: 1,
    commitsSent: 3,
    bytesReceived: 100,
    bytesSent: 300,
    conflicts: 0,
    message,
    detail: "{}",
  };
}

test("runs come back newest first, of one source or of all", () => {
  using database = createStore(join(temporaryDirectory(), "state", "lull.db"));
  const store = createRunStore(database);
  store.record(summary("notes", "synced"));
  store.record(summary("dotfiles", "failed", "host unreachable"));
  store.record(summary("notes", "up-to-date"));
  expect(store.list({ limit: 10 }).map((run) => [run.source, run.outcome])).toEqual([
    ["notes", "up-to-date"],
    ["dotfiles", "failed"],
    ["notes", "synced"],
  ]);
  expect(store.list({ source: "dotfiles", limit: 10 })).toEqual([
    { id: 2, ...summary("dotfiles", "failed", "host unreachable") },
  ]);
  expect(store.list({ limit: 1 })).toHaveLength(1);
});

test("the last good run is found behind later failures", () => {
  using database = createStore(join(temporaryDirectory(), "lull.db"));
  const store = createRunStore(database);
  const good = store.record(summary("notes", "conflict"));
  const bad = store.record(summary("notes", "failed", "no network"));
  expect(store.last("notes").newest?.id).toBe(bad);
  expect(store.last("notes").newestGood?.id).toBe(good);
  expect(store.last("unknown")).toEqual({ newest: undefined, newestGood: undefined });
});

test("the database is private from its first moment, durable, and patient", () => {
  const file = join(temporaryDirectory(), "state", "lull.db");
  const previous = process.umask(0);
  try {
    const database = openDatabase(file);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
    expect(database.query("PRAGMA journal_mode").get()).toEqual({ journal_mode: "wal" });
    expect(database.query("PRAGMA synchronous").get()).toEqual({ synchronous: 2 });
    expect(database.query("PRAGMA busy_timeout").get()).toEqual({ timeout: 10_000 });
    database.close();
  } finally {
    process.umask(previous);
  }
});

test("history survives closing and opening, and migrations run once", () => {
  const file = join(temporaryDirectory(), "lull.db");
  for (let round = 0; round < 3; round++) {
    using database = createStore(file);
    const store = createRunStore(database);
    store.record(summary("notes", "synced"));
    expect(store.list({ limit: 10 })).toHaveLength(round + 1);
  }
  using database = new Database(file);
  expect(database.query("PRAGMA user_version").get()).toEqual({ user_version: MIGRATIONS.length });
});

test("a database of a newer lull is refused and left as it is", () => {
  const file = join(temporaryDirectory(), "lull.db");
  {
    using database = new Database(file);
    database.run("PRAGMA user_version = 99");
  }
  expect(() => openDatabase(file)).toThrow(/newer lull \(schema 99/);
  using database = new Database(file);
  expect(database.query("PRAGMA user_version").get()).toEqual({ user_version: 99 });
});

test("a damaged database file gives an error that says what to do, and stays", () => {
  const file = join(temporaryDirectory(), "lull.db");
  writeFileSync(file, "this is no database, and it is long enough to be read as one ".repeat(100));
  expect(() => openDatabase(file)).toThrow(/cannot open the database/);
  expect(statSync(file).size).toBeGreaterThan(1000);
});

test("nothing is created on disk before the history is used", () => {
  const file = join(temporaryDirectory(), "state", "lull.db");
  createStore(file)[Symbol.dispose]();
  expect(existsSync(file)).toBe(false);
});
