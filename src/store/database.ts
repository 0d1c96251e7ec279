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

export type { Database };

/** The database as everybody else holds it: opened on first use, one handle for all who write and read in it. */
export type Store = Disposable & {
  /**
   * @param doing for the error's words, e.g. `read` or `write into`
   * @throws LullError `STORE_UNUSABLE`, `STORE_BUSY`, `STORE_NEWER`, `ENOSPC`
   */
  use<T>(doing: string, work: (database: Database) => T): T;
  /** The same for writing, all in one transaction. Inside another one it is a part of that, and as durable. */
  transact<T>(durability: Durability, work: (database: Database) => T): T;
};

/**
 * What a finished transaction survives. `power-cut`: everything, for a flush of the disk. `kill`: the end of any
 * process by any means; a power cut may take the last ones, whole and in order, never a part of one. The flush is
 * most of the price (150 µs against 15 µs on an SSD, many ms on a disk that turns), and it wakes the disk.
 */
export type Durability = "power-cut" | "kill";

/** A command that needs no history pays nothing for it. */
export function createStore(file: string): Store {
  let database: Database | undefined;
  const use = <T>(doing: string, work: (database: Database) => T): T => {
    try {
      return work((database ??= openDatabase(file)));
    } catch (error) {
      throw storeError(error, `${doing} the database ${file}`);
    }
  };
  return {
    use,
    transact: (durability, work) =>
      use("write into", (opened) => {
        if (opened.inTransaction) return work(opened);
        const transaction = opened.transaction(() => work(opened));
        if (durability === "power-cut") return transaction.immediate();
        opened.query("PRAGMA synchronous = NORMAL").run();
        try {
          return transaction.immediate();
        } finally {
          opened.query("PRAGMA synchronous = FULL").run();
        }
      }),
    [Symbol.dispose]() {
      database?.close();
      database = undefined;
    },
  };
}

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
