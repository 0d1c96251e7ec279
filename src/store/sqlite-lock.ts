import { Database } from "bun:sqlite";

import { systemCode } from "../base/errors.ts";

/**
 * Takes an exclusive lock on a database file of its own, where flock is not to be had. Nothing else may open that
 * file: SQLite's locks are per process, and closing any handle of the file would give the lock back.
 * @param shared beside others that share it
 */
export function acquireSqliteLock(path: string, shared = false): Disposable | undefined {
  const database = new Database(path, { create: true });
  try {
    database.run("PRAGMA busy_timeout = 0");
    database.run(shared ? "BEGIN" : "BEGIN EXCLUSIVE");
    // A transaction takes its shared lock with the first look.
    if (shared) database.query("SELECT count(*) FROM sqlite_schema").get();
    return { [Symbol.dispose]: () => database.close() };
  } catch (error) {
    database.close();
    if (systemCode(error)?.startsWith("SQLITE_BUSY") === true) return undefined;
    throw error;
  }
}
