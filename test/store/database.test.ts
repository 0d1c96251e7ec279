import { expect, test } from "bun:test";
import { copyFileSync, existsSync, renameSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createStore } from "../../src/store/database.ts";
import { createPauseStore } from "../../src/store/sqlite-pause-store.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const PAUSE = { source: "notes", since: 1, until: undefined, reason: "on a train" };

function stores() {
  const file = join(temporaryDirectory(), "lull.db");
  const store = createStore(file);
  const pauses = createPauseStore(store);
  pauses.pause(PAUSE);
  return { file, store, pauses };
}

function remove(file: string): void {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(file + suffix, { force: true });
}

test("a file that is the same stays open", () => {
  const { store } = stores();
  using _ = store;
  expect(store.look()).toEqual({ kind: "same" });
  expect(store.look({ mend: true })).toEqual({ kind: "same" });
});

test("a file that was removed or replaced is noticed, and what others write into the new one is seen", () => {
  const { file, store, pauses } = stores();
  using _ = store;
  remove(file);
  expect(store.look()).toEqual({ kind: "replaced" });
  expect(pauses.list(2)).toEqual([]);
  using others = createStore(file);
  createPauseStore(others).pause(PAUSE);
  expect(pauses.list(2)).toMatchObject([{ source: "notes" }]);
  copyFileSync(file, `${file}.copy`);
  renameSync(`${file}.copy`, file);
  expect(store.look()).toEqual({ kind: "replaced" });
});

test("a file that is no database is set aside for a new one, once", () => {
  const { file, store, pauses } = stores();
  using _ = store;
  remove(file);
  writeFileSync(file, "x".repeat(20_000));
  expect(store.look({ mend: true })).toEqual({ kind: "damaged", setAside: `${file}.damaged` });
  expect(statSync(`${file}.damaged`).size).toBe(20_000);
  pauses.pause(PAUSE);
  expect(store.look({ mend: true })).toEqual({ kind: "same" });
  expect(pauses.list(2)).toHaveLength(1);
});

test("damage that shows in the middle of the work is mended at the next look, and no damaged file is lost", () => {
  const { file, store } = stores();
  for (let round = 1; round <= 2; round++) {
    const pauses = createPauseStore(store);
    store.use("read", (database) => database.run("PRAGMA wal_checkpoint(TRUNCATE)"));
    store[Symbol.dispose]();
    truncateSync(file, 8192);
    expect(() => pauses.list(2)).toThrow("malformed");
    expect(store.look({ mend: true })).toMatchObject({ kind: "damaged" });
    pauses.pause(PAUSE);
  }
  expect(existsSync(`${file}.damaged`) && existsSync(`${file}.damaged-2`)).toBe(true);
  store[Symbol.dispose]();
});

test("without leave to mend a damaged file stays where it is", () => {
  const file = join(temporaryDirectory(), "lull.db");
  writeFileSync(file, "x".repeat(20_000));
  using store = createStore(file);
  expect(store.look()).toEqual({ kind: "same" });
  expect(() => createPauseStore(store).list(2)).toThrow("not a database");
  expect(existsSync(`${file}.damaged`)).toBe(false);
});

test("two processes that open a new file at the same instant both get it", async () => {
  const folder = temporaryDirectory();
  const begin = String(Date.now() + 500);
  const children = [1, 2].map(() =>
    Bun.spawn([process.execPath, join(import.meta.dir, "open-together.ts"), folder, "50", begin], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    }),
  );
  for (const child of children) {
    expect(await new Response(child.stderr).text()).toBe("");
    expect(await child.exited).toBe(0);
  }
});
