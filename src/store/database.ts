/**
 * The one SQLite file of this user: opened, made durable, brought to the newest schema. Owns every statement that
 * lull runs; must not know what a source or a sync is beyond the rows it keeps.
 */
import { Database } from "bun:sqlite";
import { chmodSync, closeSync, openSync, renameSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { makePrivateDirectory } from "../base/atomic-file.ts";
import { fromSystem, systemCode } from "../base/errors.ts";
import { migrate } from "./migrate.ts";
import { storeError } from "./store-error.ts";

/** Another lull may hold the write lock for the length of one transaction; waiting beats failing. */
const BUSY_TIMEOUT_MS = 10_000;
const RETRY_MS = 5;

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
  /**
   * For a process that stays: looks whether somebody has removed or replaced the file, and opens the one that is there
   * now. With `mend` a file that is damaged is set aside for a new one.
   * @throws LullError as `use` does
   */
  look(options?: { readonly mend?: boolean }): StoreLook;
};

export type StoreLook =
  | { readonly kind: "same" | "replaced" }
  | { readonly kind: "damaged"; readonly setAside: string };

/**
 * What a finished transaction survives. `power-cut`: everything, for a flush of the disk. `kill`: the end of any
 * process by any means; a power cut may take the last ones, whole and in order, never a part of one. The flush is
 * most of the price (150 µs against 15 µs on an SSD, many ms on a disk that turns), and it wakes the disk.
 */
export type Durability = "power-cut" | "kill";

/**
 * A command that needs no history pays nothing for it.
 * @param patienceMs how long another process that writes is waited for; it stops everything else in this one
 */
export function createStore(file: string, patienceMs = BUSY_TIMEOUT_MS): Store {
  let database: Database | undefined;
  let opened: string | undefined;
  let isDamaged = false;
  const open = (): Database => {
    if (database !== undefined) return database;
    database = openDatabase(file);
    database.run(`PRAGMA busy_timeout = ${patienceMs}`);
    opened = identity(file);
    return database;
  };
  const close = (): void => {
    database?.close();
    database = undefined;
  };
  const use = <T>(doing: string, work: (database: Database) => T): T => {
    try {
      return work(open());
    } catch (error) {
      isDamaged ||= tellsOfDamage(error);
      throw storeError(error, `${doing} the database ${file}`);
    }
  };
  const tryOut = (): void => {
    try {
      // Of a file that is no database even this can not be read; what else is damaged shows where it is used.
      use("read", (found) => found.query("SELECT count(*) FROM sqlite_schema").get());
    } catch (error) {
      if (!isDamaged) throw error;
    }
  };
  return {
    use,
    look({ mend = false } = {}) {
      const isReplaced = database !== undefined && identity(file) !== opened;
      if (isReplaced) close();
      if (mend) tryOut();
      if (!mend || !isDamaged) return { kind: isReplaced ? "replaced" : "same" };
      close();
      const setAside = putAside(file);
      isDamaged = false;
      open();
      return { kind: "damaged", setAside };
    },
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
    [Symbol.dispose]: close,
  };
}

function identity(file: string): string | undefined {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
  return stat && `${stat.dev} ${stat.ino}`;
}

function tellsOfDamage(error: unknown): boolean {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return /^SQLITE_(?:CORRUPT|NOTADB)/.test(systemCode(cause) ?? "");
}

/** With its companions, by which a person with the right tool may read it yet. Returns where it is now. */
function putAside(file: string): string {
  const name = (number: number): string => `${file}.damaged${number === 1 ? "" : `-${number}`}`;
  let number = 1;
  while (identity(name(number)) !== undefined) number++;
  for (const suffix of ["-wal", "-shm", ""]) {
    if (identity(file + suffix) === undefined) continue;
    try {
      renameSync(file + suffix, name(number) + suffix);
    } catch (error) {
      throw fromSystem(error, `set ${file} aside`);
    }
  }
  return name(number);
}

export function openDatabase(file: string): Database {
  makePrivateDirectory(dirname(file));
  createPrivate(file);
  let database: Database | undefined;
  try {
    database = new Database(file, { create: true, readwrite: true, strict: true });
    // Before anything else: even switching to WAL takes a lock.
    database.run(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
    switchToWal(database);
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

/** Of two that make a new file write-ahead at once SQLite refuses one on the spot, whatever its busy timeout. */
function switchToWal(database: Database): void {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      database.run("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (systemCode(error) !== "SQLITE_BUSY" || waitedMs >= BUSY_TIMEOUT_MS) throw error;
      Bun.sleepSync(RETRY_MS);
    }
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
