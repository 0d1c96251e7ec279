/** The queue between processes that know nothing of each other, and what is left of one that was killed. */
import { expect, test } from "bun:test";
import { join } from "node:path";

import type { JobRequest } from "../../src/queue/job.ts";
import { createJobQueue } from "../../src/queue/sqlite-queue.ts";
import { createStore, type Store } from "../../src/store/database.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";
import { thrown } from "../helpers/thrown.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");

function start(file: string, owner: string, mode: "by-turns" | "hang") {
  return Bun.spawn([process.execPath, join(import.meta.dir, "claim-loop.ts"), file, owner, mode], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
}

function request(source: string, index = 0): JobRequest {
  return { source, cause: "schedule", at: NOW + index, host: `host-${index % 3}`, hints: ["a.md"] };
}

/** Reads on until the text ends or `isEnough`; returns what has come. */
async function readText(
  reader: { read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }> },
  isEnough: (text: string) => boolean = () => false,
): Promise<string> {
  let text = "";
  while (!isEnough(text)) {
    const { value, done } = await reader.read();
    if (done || value === undefined) break;
    text += Buffer.from(value).toString();
  }
  return text;
}

const hasLine = (text: string): boolean => text.includes("\n");

test("two processes that claim at once share the jobs and never get the same one", async () => {
  const file = join(temporaryDirectory(), "lull.db");
  using store = createStore(file);
  const turns = 200;
  const count = 2 * turns;
  createJobQueue(store).request(Array.from({ length: count }, (_, index) => request(`s${index}`, index)));
  const processes = ["one", "two"].map((owner) => start(file, owner, "by-turns"));
  const outputs = processes.map((child) => child.stdout.getReader());
  for (const output of outputs) expect(await readText(output, hasLine)).toBe("ready\n");
  for (const child of processes) {
    void child.stdin.write("claim\n".repeat(turns));
    await child.stdin.end();
  }
  const texts = await Promise.all(outputs.map(async (output) => readText(output)));
  const shares = texts.map((text) => text.split("\n").filter((line) => line !== ""));
  for (const child of processes) expect(await child.exited).toBe(0);
  expect(shares.map(({ length }) => length)).toEqual([turns, turns]);
  const all = shares.flat();
  expect(new Set(all).size).toBe(count);
});

test("what a killed process held is still there, and is taken back", async () => {
  const file = join(temporaryDirectory(), "lull.db");
  {
    using store = createStore(file);
    createJobQueue(store).request([request("notes"), request("dotfiles", 1)]);
  }
  const child = start(file, "victim", "hang");
  expect(await readText(child.stdout.getReader(), hasLine)).toBe("notes\n");
  child.kill("SIGKILL");
  await child.exited;
  using store = createStore(file);
  const queue = createJobQueue(store);
  expect(queue.get("notes")).toMatchObject({ state: "running", lease: { owner: "victim" }, hints: ["a.md"] });
  const recovered = queue.recover({ now: NOW, isAlive: (owner) => owner === "me" });
  expect(recovered).toMatchObject([{ source: "notes", state: "queued", attempts: 1, crashes: 1 }]);
  expect(
    queue
      .list()
      .map(({ source }) => source)
      .sort(),
  ).toEqual(["dotfiles", "notes"]);
});

test("a full disk is named, and the queue stands as it was", () => {
  using store = createStore(join(temporaryDirectory(), "lull.db"));
  const queue = createJobQueue(store);
  queue.request([request("notes")]);
  limitPages(store);
  const many = Array.from({ length: 5000 }, (_, index) => request(`s${index}`, index));
  expect(thrown(() => queue.request(many))).toMatchObject({ code: "ENOSPC", kind: "failed" });
  expect(queue.list().map(({ source }) => source)).toEqual(["notes"]);
  expect(queue.claim({ now: NOW, owner: "me", leaseMs: 1000, maxPerHost: 1 })?.source).toBe("notes");
});

/** The database may not grow any more: SQLite meets that as it meets a full disk. */
function limitPages(store: Store): void {
  store.use("read", (database) => {
    const pages = database.query<{ page_count: number }, []>("PRAGMA page_count").get()?.page_count ?? 0;
    database.run(`PRAGMA max_page_count = ${pages + 2}`);
  });
}

test("a database that another program holds is named as such", () => {
  const file = join(temporaryDirectory(), "lull.db");
  using holder = createStore(file);
  using store = createStore(file);
  const queue = createJobQueue(store);
  store.use("read", (database) => database.run("PRAGMA busy_timeout = 0"));
  holder.use("write into", (database) => database.run("BEGIN IMMEDIATE"));
  expect(thrown(() => queue.request([request("notes")]))).toMatchObject({
    code: "STORE_BUSY",
    kind: "locked",
    message: expect.stringContaining("another program has held it for too long"),
  });
  holder.use("write into", (database) => database.run("ROLLBACK"));
  expect(queue.request([request("notes")])).toEqual([{ source: "notes", kind: "queued" }]);
});

test("a transaction that fails leaves the next ones as durable as before", () => {
  using store = createStore(join(temporaryDirectory(), "lull.db"));
  expect(() =>
    store.transact("kill", () => {
      throw new Error("broken");
    }),
  ).toThrow(/cannot write into the database .*: broken/);
  expect(store.use("read", (database) => database.query("PRAGMA synchronous").get())).toEqual({
    synchronous: 2,
  });
});
