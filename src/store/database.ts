/**
 * The one SQLite file of this user: opened, made durable, brought to the newest schema. Owns every statement that
 * lull runs; must not know what a source or a sync is beyond the rows it keeps.
 */
import { Database } from "bun:sqlite";
import { chmodSync, closeSync, openSync } from "node:fs";
import { dirname } from "node:path";

import { makePrivateDirectory } from "../base/atomic-file.ts";
import { fromSystem } from "../base/errors.ts";
import { migrate } from "./migrate.ts";
import { storeError } from "./store-error.ts";

/** Another lull may hold the write lock for the length of one transaction; waiting beats failing. */
const BUSY_TIMEOUT_MS = 10_000;

export function openDatabase(file: string): Database {
  makePrivateDirectory(dirname(file));
  createPrivate(file);
  let database: Database | undefined;
  try {
    database = new Database(file, { create: true, readwrite: true, strict: true });
    // Before anything else: even switching to WAL takes a lock.
    database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.run("PRAGMA journal_mode = WAL");
    // FULL: a run that was reported as done survives a power cut (NORMAL may forget the last ones).
    database.run("PRAGMA synchronous = FULL");
    database.run("PRAGMA foreign_keys = ON");
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw storeError(error, `open the database ${file}`);
  }
}

/** SQLite would create it with the umask's mode; history names files and hosts, so it is private from the start. */
function createPrivate(file: string): void {
  try {
    closeSync(openSync(file, "a", 0o600));
    chmodSync(file, 0o600);
  } catch (error) {
    throw fromSystem(error, `create ${file}`);
  }
}
