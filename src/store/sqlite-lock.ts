import { Database } from "bun:sqlite";

import { systemCode } from "../base/errors.ts";

/**
 * Takes an exclusive lock on a database file of its own, where flock is not to be had. Nothing else may open that
 * file: SQLite's locks are per process, and closing any handle of the file would give the lock back.
 */
export function acquireSqliteLock(path: string): Disposable | undefined {
  const database = new Database(path, { create: true });
  try {
    database.run("PRAGMA busy_timeout = 0");
    database.run("BEGIN EXCLUSIVE");
    return { [Symbol.dispose]: () => database.close() };
  } catch (error) {
    database.close();
    if (systemCode(error)?.startsWith("SQLITE_BUSY") === true) return undefined;
    throw error;
  }
}
