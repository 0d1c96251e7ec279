import { expect, test } from "bun:test";

import { emptyRun } from "../../src/app/history.ts";
import { WorkerPool } from "../../src/daemon/worker-pool.ts";
import type { WorkerLimits } from "../../src/daemon/worker.ts";
import { fakeClock } from "../helpers/fake-clock.ts";
import { fakeTimers } from "../helpers/fake-timers.ts";
import { testConfig } from "./rig.ts";
import { type FakeChild, fakeChildren } from "./fake-child.ts";

const LIMITS: WorkerLimits = { deadlineMs: 60_000, memoryBytes: 1000 };
const CHECK = { kind: "check-config" } as const;
const sync = (name: string) => {
  const [source] = testConfig({ [name]: {} }).sources;
  if (source === undefined) throw new Error("no source");
  return { kind: "sync", source, device: "laptop", cause: "change" } as const;
};

function pool(onOrder?: Parameters<typeof fakeChildren>[0], residentBytes = (): number | undefined => 500) {
  const clock = fakeClock();
  const timers = fakeTimers(clock);
  const { start, children } = fakeChildren(onOrder);
  return { timers, children, pool: new WorkerPool({ startChild: start, clock, timers, residentBytes }) };
}

/** Says that its last order is carried out. */
function done(child: FakeChild): void {
  const order = child.orders.at(-1);
  if (order?.kind !== "sync") return child.say({ kind: "done" });
  const run = emptyRun({ source: order.source.name, startedAt: 0, dryRun: false });
  child.say({ kind: "synced", run: { ...run, outcome: "up-to-date" } });
}

test("an order starts a worker, and the next one goes to the same while it waits", async () => {
  const { pool: workers, children } = pool(done);
  expect(await workers.run(CHECK, LIMITS)).toEqual({ kind: "done" });
  expect(await workers.run(CHECK, LIMITS)).toEqual({ kind: "done" });
  expect(children).toHaveLength(1);
});

test("two orders at once have a worker each", async () => {
  const { pool: workers, children } = pool();
  const both = [workers.run(CHECK, LIMITS), workers.run(CHECK, LIMITS)];
  expect(workers.running).toBe(2);
  for (const child of children) done(child);
  await Promise.all(both);
  expect(workers.running).toBe(0);
  expect(children).toHaveLength(2);
});

test("a worker that has had nothing to do for a minute goes", async () => {
  const { pool: workers, children, timers } = pool(done);
  await workers.run(CHECK, LIMITS);
  await timers.pass(59_000);
  expect(children[0]?.isEnding).toBe(false);
  await timers.pass(2000);
  expect(children[0]?.isEnding).toBe(true);
  await workers.run(CHECK, LIMITS);
  expect(children).toHaveLength(2);
});

test("a source goes back to the worker that scanned it last, and only that one is warm", async () => {
  const { pool: workers, children } = pool();
  const both = [workers.run(sync("a"), LIMITS), workers.run(sync("b"), LIMITS)];
  for (const child of children) done(child);
  await Promise.all(both);
  expect([workers.isWarm("a"), workers.isWarm("b"), workers.isWarm("c")]).toEqual([true, true, false]);
  const again = workers.run(sync("a"), LIMITS);
  expect(children.map(({ orders }) => orders.length)).toEqual([2, 1]);
  expect(workers.isWarm("a")).toBe(false);
  if (children[0] !== undefined) done(children[0]);
  await again;
});

test("a process that dies leaves a lost run with its last words, and is replaced", async () => {
  const { pool: workers, children } = pool();
  const run = workers.run(sync("a"), LIMITS);
  children[0]?.exit({ how: "signal SIGSEGV", stderr: "out of luck" });
  expect(await run).toEqual({ kind: "lost", why: "signal SIGSEGV", stderr: "out of luck" });
  expect(workers.isWarm("a")).toBe(false);
  void workers.run(sync("a"), LIMITS);
  expect(children).toHaveLength(2);
});

test("at the deadline it is asked to stop, and killed when it does not", async () => {
  const { pool: workers, children, timers } = pool();
  const run = workers.run(sync("a"), LIMITS);
  await timers.pass(60_000);
  expect(children[0]?.signals).toEqual(["SIGTERM"]);
  await timers.pass(30_000);
  expect(children[0]?.signals).toEqual(["SIGTERM", "SIGKILL"]);
  expect(await run).toMatchObject({ kind: "lost", why: "it took longer than its deadline" });
  expect(timers.pending).toBe(0);
});

test("a sync that stops in good order at its deadline is lost all the same: it would do the same again", async () => {
  const { pool: workers, children, timers } = pool();
  const run = workers.run(sync("a"), LIMITS);
  await timers.pass(60_000);
  if (children[0] !== undefined) done(children[0]);
  expect(await run).toMatchObject({ kind: "lost", why: "it took longer than its deadline" });
});

test("a worker that uses too much memory is ended", async () => {
  let used = 500;
  const { pool: workers, timers } = pool(undefined, () => used * 1024 * 1024);
  const run = workers.run(sync("a"), { ...LIMITS, memoryBytes: 600 * 1024 * 1024 });
  await timers.pass(10_000);
  used = 700;
  await timers.pass(5000);
  expect(await run).toMatchObject({
    kind: "lost",
    why: "it used 700 MB of memory, more than its limit",
  });
});

test("a worker that died while it waited costs nothing: another one gets the order", async () => {
  const { pool: workers, children } = pool();
  const first = workers.run(sync("a"), LIMITS);
  if (children[0] !== undefined) done(children[0]);
  await first;
  const second = workers.run(sync("b"), LIMITS);
  children[0]?.exit({ how: "signal SIGKILL", stderr: "" });
  await Bun.sleep(0);
  expect(children).toHaveLength(2);
  if (children[1] !== undefined) done(children[1]);
  expect((await second).kind).toBe("synced");
});

test("a worker that was told to go gets no further order", async () => {
  const { pool: workers, children, timers } = pool();
  const late = workers.run(sync("a"), LIMITS);
  await timers.pass(60_000);
  if (children[0] !== undefined) done(children[0]);
  expect((await late).kind).toBe("lost");
  const next = workers.run(sync("b"), LIMITS);
  expect(children).toHaveLength(2);
  if (children[1] !== undefined) done(children[1]);
  expect((await next).kind).toBe("synced");
});

test("what is ended because the daemon ends is no crash", async () => {
  const { pool: workers, timers } = pool();
  const asked = workers.run(sync("a"), LIMITS);
  workers.stop("the daemon was stopped", 5000);
  await timers.pass(5000);
  expect(await asked).toEqual({ kind: "stopped", why: "the daemon was stopped" });
  const forced = workers.run(sync("a"), LIMITS);
  workers.kill("at once");
  expect(await forced).toEqual({ kind: "stopped", why: "at once" });
});

test("when no process can be started the order is refused, as what passes", async () => {
  const clock = fakeClock();
  const workers = new WorkerPool({
    startChild: () => {
      throw new Error("ENOENT: posix_spawn");
    },
    clock,
    timers: fakeTimers(clock),
    residentBytes: () => undefined,
  });
  expect(await workers.run(CHECK, LIMITS)).toMatchObject({
    kind: "refused",
    error: { code: "WORKER_NOT_STARTED", retry: true },
  });
});

test("after the end no worker is started any more", async () => {
  const { pool: workers, children } = pool();
  await workers.drain();
  expect((await workers.run(CHECK, LIMITS)).kind).toBe("stopped");
  expect(children).toHaveLength(0);
});

test("only the answer to its own order ends a sync", async () => {
  const { pool: workers, children } = pool();
  const run = workers.run(sync("a"), LIMITS);
  const [child] = children;
  const other = emptyRun({ source: "b", startedAt: 0, dryRun: false });
  child?.say({ kind: "done" });
  child?.say({ kind: "synced", run: { ...other, outcome: "synced" } });
  child?.say(JSON.parse('{"kind":"synced"}'));
  child?.say(JSON.parse('{"kind":"event"}'));
  child?.say(JSON.parse('{"kind":"refused"}'));
  child?.say(JSON.parse('{"kind":"constructor"}'));
  if (child !== undefined) {
    done(child);
    done(child);
  }
  expect(await run).toMatchObject({ kind: "synced", run: { source: "a", outcome: "up-to-date" } });
});

test("draining waits for what runs and sends the waiting ones away", async () => {
  const { pool: workers, children } = pool();
  const first = workers.run(CHECK, LIMITS);
  if (children[0] !== undefined) done(children[0]);
  await first;
  await workers.drain();
  expect(children[0]?.isEnding).toBe(true);
});

test("lines that are no report do no harm", async () => {
  const { start, children } = fakeChildren();
  const clock = fakeClock();
  const workers = new WorkerPool({
    startChild: (onLine) => {
      const child = start(onLine);
      onLine("Bun v1 crashed\u001b[0m");
      onLine("{}");
      return child;
    },
    clock,
    timers: fakeTimers(clock),
    residentBytes: () => undefined,
  });
  const run = workers.run(CHECK, LIMITS);
  if (children[0] !== undefined) done(children[0]);
  expect((await run).kind).toBe("done");
});
