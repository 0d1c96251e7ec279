import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import type { ClaimedJob, JobRequest } from "../../src/queue/job.ts";
import type { ClaimInput, JobQueue } from "../../src/queue/queue.ts";
import { createJobQueue } from "../../src/queue/sqlite-queue.ts";
import { createStore, type Store } from "../../src/store/database.ts";
import { temporaryDirectory } from "../helpers/system-git.ts";

const NOW = Date.parse("2026-03-02T12:00:00Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const OWNER = "daemon-1";
const held = (source: string, owner = OWNER) => ({ source, owner });

function openQueue(): { readonly queue: JobQueue; readonly store: Store } & Disposable {
  const store = createStore(join(temporaryDirectory(), "lull.db"));
  return { queue: createJobQueue(store), store, [Symbol.dispose]: () => store[Symbol.dispose]() };
}

function request(source: string, changes: Partial<JobRequest> = {}): JobRequest {
  return { source, cause: "schedule", at: NOW, host: "example.com", hints: [], ...changes };
}

function claim(queue: JobQueue, changes: Partial<ClaimInput> = {}): ClaimedJob | undefined {
  return queue.claim({ now: NOW, owner: OWNER, leaseMs: MINUTE, maxPerHost: 10, ...changes });
}

function claimAll(queue: JobQueue, changes: Partial<ClaimInput> = {}): readonly string[] {
  const sources: string[] = [];
  for (let job = claim(queue, changes); job !== undefined; job = claim(queue, changes))
    sources.push(job.source);
  return sources;
}

/** How many rows a piece of work wrote. */
function writesOf(store: Store, work: () => void): number {
  const total = () =>
    store.use(
      "read",
      (database) => database.query<{ n: number }, []>("SELECT total_changes() AS n").get()?.n ?? 0,
    );
  const before = total();
  work();
  return total() - before;
}

describe("a request", () => {
  test("becomes a job with everything that was said", () => {
    using opened = openQueue();
    const { queue } = opened;
    const facts = { recentActivity: true, mainBranch: false, unpushed: true };
    expect(
      queue.request([
        request("notes", { cause: "change", dueSince: NOW - 5, notBefore: NOW + 5, hints: ["a.md"], facts }),
      ]),
    ).toEqual([{ source: "notes", kind: "queued" }]);
    expect(queue.get("notes")).toEqual({
      source: "notes",
      state: "queued",
      cause: "change",
      facts,
      host: "example.com",
      requestedAt: NOW,
      dueSince: NOW - 5,
      notBefore: NOW + 5,
      attempts: 0,
      crashes: 0,
      hints: ["a.md"],
      waits: [],
      again: undefined,
      lease: undefined,
      reason: undefined,
    });
    expect(queue.get("dotfiles")).toBeUndefined();
  });

  test("for a source that waits already is folded into its job", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes", { hints: ["a.md"] })]);
    const later = request("notes", { cause: "person", at: NOW + MINUTE, hints: ["b.md"] });
    expect(queue.request([later])).toEqual([{ source: "notes", kind: "folded" }]);
    expect(queue.list()).toMatchObject([{ cause: "person", dueSince: NOW, hints: ["a.md", "b.md"] }]);
  });

  test("that says nothing new writes nothing", () => {
    using opened = openQueue();
    const { queue, store } = opened;
    queue.request([request("notes", { cause: "change", hints: ["a.md"] })]);
    const again = () =>
      queue.request([request("notes", { cause: "change", at: NOW + MINUTE, hints: ["a.md"] })]);
    expect(writesOf(store, again)).toBe(0);
  });

  test("while it runs is queued anew when the run has ended", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes", { hints: undefined })]);
    claim(queue);
    const meanwhile = [
      request("notes", { cause: "schedule", at: NOW + 1, hints: ["a.md"] }),
      request("notes", { cause: "change", at: NOW + 2, hints: ["b.md"] }),
    ];
    expect(queue.request(meanwhile).map(({ kind }) => kind)).toEqual(["again", "again"]);
    expect(queue.finish(held("notes"), NOW + 10)).toBe(true);
    expect(queue.list()).toMatchObject([
      { state: "queued", cause: "change", dueSince: NOW + 1, hints: ["a.md", "b.md"], again: undefined },
    ]);
    expect(claim(queue, { now: NOW + 10 })?.source).toBe("notes");
    queue.finish(held("notes"), NOW + 20);
    expect(queue.list()).toEqual([]);
  });

  test("while it runs keeps: anything may have changed", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    claim(queue);
    queue.request([request("notes", { hints: undefined })]);
    expect(queue.get("notes")?.again).toMatchObject({ hints: undefined });
    queue.finish(held("notes"), NOW);
    expect(queue.get("notes")?.hints).toBeUndefined();
  });
});

describe("claims", () => {
  test("come in the order of turns, whoever asked last", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([
      request("calendar"),
      request("starved", { at: NOW - 30 * HOUR }),
      request("edited", { cause: "change", at: NOW }),
      request("asked", { cause: "person", at: NOW }),
      request("unpushed", { facts: { recentActivity: false, mainBranch: false, unpushed: true } }),
    ]);
    expect(claimAll(queue)).toEqual(["starved", "asked", "edited", "unpushed", "calendar"]);
  });

  test("carry a lease, and leave what is put off and what is excepted", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("later", { notBefore: NOW + MINUTE }), request("known"), request("free")]);
    expect(claim(queue, { except: ["known"] })).toMatchObject({
      source: "free",
      state: "running",
      lease: { owner: OWNER, until: NOW + MINUTE },
      hostFailures: 0,
    });
    expect(claim(queue, { except: new Set(["known"]) })).toBeUndefined();
    expect(claimAll(queue, { now: NOW + MINUTE })).toEqual(["known", "later"]);
  });

  test("keep the order among thousands that come due in the same moment, and find all of them", () => {
    using opened = openQueue();
    const { queue } = opened;
    const count = 500;
    queue.request(
      Array.from({ length: count }, (_, index) =>
        request(`s${index}`, { notBefore: NOW + MINUTE, host: undefined }),
      ),
    );
    expect(claim(queue)).toBeUndefined();
    expect(new Set(claimAll(queue, { now: NOW + MINUTE })).size).toBe(count);
  });

  test("stop at a host's limit while others go on; local sources have none", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([
      ...["a1", "a2", "a3"].map((source, index) =>
        request(source, { host: "a.example", at: NOW - 9 + index }),
      ),
      request("b1", { host: "b.example" }),
      ...["l1", "l2", "l3"].map((source) => request(source, { host: undefined, at: NOW + 1 })),
    ]);
    expect(claimAll(queue, { maxPerHost: 2 })).toEqual(["a1", "a2", "b1", "l1", "l2", "l3"]);
    queue.finish(held("a1"), NOW);
    expect(claimAll(queue, { maxPerHost: 2 })).toEqual(["a3"]);
  });

  test("find the job behind many of a host that is held", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request(Array.from({ length: 50 }, (_, index) => request(`held${index}`, { at: NOW - HOUR })));
    queue.request([
      request("free", { host: "b.example" }),
      request("free-local", { host: undefined, at: NOW + 1 }),
    ]);
    queue.hold("example.com", { until: NOW + MINUTE, reason: "asked for patience", unreachable: false });
    expect(claimAll(queue)).toEqual(["free", "free-local"]);
    expect(queue.heldHosts(NOW)).toEqual([
      { host: "example.com", until: NOW + MINUTE, reason: "asked for patience", failures: 0 },
    ]);
    expect(claimAll(queue, { now: NOW + MINUTE, maxPerHost: 3 })).toHaveLength(3);
    expect(queue.heldHosts(NOW + MINUTE)).toEqual([]);
  });

  test("of one source by name come before its time, but not through a hold", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("first"), request("notes", { notBefore: NOW + HOUR })]);
    expect(claim(queue, { only: "notes" })?.source).toBe("notes");
    expect(claim(queue, { only: "notes" })).toBeUndefined();
    queue.hold("example.com", { until: NOW + MINUTE, reason: "r", unreachable: false });
    expect(claim(queue, { only: "first" })).toBeUndefined();
    expect(claim(queue, { only: "nothing" })).toBeUndefined();
  });
});

describe("a host", () => {
  test("keeps the longer of two holds, counts failures until it was reached", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.hold("example.com", { until: NOW + HOUR, reason: "no route", unreachable: true });
    queue.hold("example.com", { until: NOW + MINUTE, reason: "no route again", unreachable: true });
    expect(queue.heldHosts(NOW)).toEqual([
      { host: "example.com", until: NOW + HOUR, reason: "no route", failures: 2 },
    ]);
    queue.request([request("notes")]);
    expect(claim(queue, { now: NOW + HOUR })?.hostFailures).toBe(2);
    queue.reached("example.com");
    queue.retry(held("notes"), { now: NOW, at: NOW, reason: "r", attempts: 1, crashes: 0 });
    expect(claim(queue)?.hostFailures).toBe(0);
  });
});

describe("a host that is not to be reached", () => {
  const unreachable = { until: NOW + HOUR, reason: "no route", unreachable: true };

  test("is tried at once when a person asks, but not one that asked for patience", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.hold("a.example", unreachable);
    queue.hold("b.example", { ...unreachable, unreachable: false });
    queue.request(["a", "b"].map((name) => request(name, { cause: "person", host: `${name}.example` })));
    expect(claimAll(queue)).toEqual(["a"]);
    expect(queue.get("a")).toMatchObject({ state: "running" });
  });

  test("and its jobs need not wait any longer once the network is back", () => {
    using opened = openQueue();
    const { queue } = opened;
    const put = (source: string, host: string) => {
      queue.request([request(source, { host })]);
      claim(queue, { only: source });
      queue.retry(held(source), { now: NOW, at: NOW + HOUR, reason: "r", attempts: 1, crashes: 0 });
    };
    put("offline", "a.example");
    put("refused", "b.example");
    put("limited", "c.example");
    queue.hold("a.example", unreachable);
    queue.hold("c.example", unreachable);
    queue.hold("c.example", { until: NOW + 2 * HOUR, reason: "asked to wait", unreachable: false });
    expect(queue.retryUnreachable(NOW)).toBe(1);
    expect(claimAll(queue)).toEqual(["offline"]);
    expect(queue.heldHosts(NOW).map(({ host }) => host)).toEqual(["c.example"]);
    expect(queue.get("offline")).toMatchObject({ attempts: 1 });
  });

  test("is forgotten when nobody has asked for it for days", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.hold("gone.example", unreachable);
    queue.recover({ now: NOW + 48 * HOUR, isAlive: () => true });
    queue.request([request("notes", { host: "gone.example" })]);
    expect(claim(queue)?.hostFailures).toBe(0);
  });
});

describe("the end of a run", () => {
  test("counts only for whom the job belongs to", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    claim(queue);
    const other = held("notes", "daemon-2");
    expect(queue.finish(other, NOW)).toBe(false);
    expect(queue.park(other, "r", NOW)).toBe(false);
    expect(queue.retry(other, { now: NOW, at: NOW, reason: "r", attempts: 1, crashes: 0 })).toBe(false);
    expect(queue.defer("daemon-2", { source: "notes", until: NOW, waits: [] })).toBe(false);
    expect(queue.get("notes")?.state).toBe("running");
    expect(queue.finish(held("gone"), NOW)).toBe(false);
  });

  test("with a retry puts it off, with its count and reason; a schedule does not hasten it, a person does", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    claim(queue);
    const at = NOW + HOUR;
    expect(queue.retry(held("notes"), { now: NOW, at, reason: "no route", attempts: 3, crashes: 0 })).toBe(
      true,
    );
    expect(queue.get("notes")).toMatchObject({
      state: "queued",
      notBefore: at,
      attempts: 3,
      reason: "no route",
      lease: undefined,
      dueSince: NOW,
    });
    queue.request([request("notes", { cause: "change", at: NOW + 1 })]);
    expect(claim(queue, { now: NOW + 1 })).toBeUndefined();
    queue.request([request("notes", { cause: "person", at: NOW + 2 })]);
    expect(claim(queue, { now: NOW + 2 })).toMatchObject({ source: "notes", attempts: 3 });
  });

  test("with a retry lets a person who asked meanwhile not wait", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    claim(queue);
    queue.request([request("notes", { cause: "person", at: NOW + 1 })]);
    queue.retry(held("notes"), { now: NOW + 2, at: NOW + HOUR, reason: "r", attempts: 1, crashes: 0 });
    expect(claim(queue, { now: NOW + 2 })).toMatchObject({ cause: "person", attempts: 1 });
  });

  test("with a retry does not come before everything for having failed for days", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("failing", { at: NOW - 72 * HOUR })]);
    claim(queue);
    queue.retry(held("failing"), { now: NOW, at: NOW + 1, reason: "r", attempts: 70, crashes: 0 });
    queue.request([request("fresh")]);
    expect(claimAll(queue, { now: NOW + 1 })).toEqual(["fresh", "failing"]);
  });

  test("as poison parks it until a person asks", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    claim(queue);
    expect(queue.park(held("notes"), "its worker died 3 times in a row", NOW)).toBe(true);
    expect(queue.request([request("notes", { cause: "change" })])).toEqual([
      { source: "notes", kind: "parked" },
    ]);
    expect(claim(queue)).toBeUndefined();
    expect(queue.get("notes")).toMatchObject({ state: "parked", reason: "its worker died 3 times in a row" });
    expect(queue.request([request("notes", { cause: "person" })])).toEqual([
      { source: "notes", kind: "unparked" },
    ]);
    expect(claim(queue)).toMatchObject({ attempts: 0, crashes: 0, reason: undefined });
  });

  test("as poison gives a person who asked meanwhile one more attempt", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    claim(queue);
    queue.request([request("notes", { cause: "person" })]);
    queue.park(held("notes"), "r", NOW);
    expect(claim(queue)).toMatchObject({ cause: "person", crashes: 0 });
  });

  test("a parked job can be let go on by hand", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    expect(queue.unpark("notes", NOW)).toBe(false);
    claim(queue);
    queue.park(held("notes"), "r", NOW);
    expect(queue.unpark("notes", NOW + 1)).toBe(true);
    expect(claim(queue, { now: NOW + 1 })).toMatchObject({ source: "notes", crashes: 0 });
  });

  test("is settled as decided, the host's part too", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("a"), request("b"), request("c")]);
    claimAll(queue);
    const hold = {
      kind: "hold",
      host: "example.com",
      until: NOW + HOUR,
      reason: "r",
      unreachable: true,
    } as const;
    const retry = { kind: "retry", at: NOW + HOUR, reason: "r", attempts: 1, crashes: 0 } as const;
    expect(queue.settle(held("a"), { ...retry, hosts: [hold] }, NOW)).toBe(true);
    expect(queue.heldHosts(NOW)).toHaveLength(1);
    expect(queue.settle(held("b"), { kind: "park", reason: "poison", hosts: [] }, NOW)).toBe(true);
    const reached = { kind: "reached", host: "example.com" } as const;
    expect(queue.settle(held("c"), { kind: "finish", hosts: [reached] }, NOW)).toBe(true);
    expect(queue.heldHosts(NOW)).toEqual([]);
    expect(queue.list().map(({ source, state }) => [source, state])).toEqual([
      ["a", "queued"],
      ["b", "parked"],
    ]);
  });
});

describe("a deferral", () => {
  const idle = { condition: "idle", text: "in use 10 s ago, wanted 5 min" };
  const power = { condition: "power", text: "on battery (41 %)" };

  test("shows what it waits for and counts no attempt", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    claim(queue);
    expect(queue.defer(OWNER, { source: "notes", until: NOW + HOUR, waits: [idle] })).toBe(true);
    expect(queue.get("notes")).toMatchObject({
      state: "queued",
      waits: [idle],
      attempts: 0,
      lease: undefined,
    });
    expect(queue.counts()).toEqual({ queued: 1, deferred: 1, running: 0, parked: 0 });
    expect(claim(queue)).toBeUndefined();
    expect(claim(queue, { now: NOW + HOUR })).toMatchObject({ source: "notes", waits: [] });
  });

  test("is written anew only when the set of conditions changes", () => {
    using opened = openQueue();
    const { queue, store } = opened;
    queue.request([request("notes")]);
    queue.defer(OWNER, { source: "notes", until: NOW + HOUR, waits: [idle, power] });
    const measured = {
      source: "notes",
      until: NOW + HOUR,
      waits: [power, { ...idle, text: "in use 20 s ago" }],
    };
    expect(writesOf(store, () => queue.defer(OWNER, measured))).toBe(0);
    expect(queue.get("notes")?.waits).toEqual([idle, power]);
    queue.defer(OWNER, { ...measured, waits: [power] });
    expect(queue.get("notes")?.waits).toEqual([power]);
    queue.defer(OWNER, { ...measured, waits: [power], until: NOW + 2 * HOUR });
    expect(queue.get("notes")?.notBefore).toBe(NOW + 2 * HOUR);
  });

  test("ends when its conditions change, for all or for some", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("a"), request("b"), request("put-off", { notBefore: NOW + HOUR })]);
    for (const source of ["a", "b"]) queue.defer(OWNER, { source, until: NOW + HOUR, waits: [idle] });
    expect(queue.wake(NOW, ["b"])).toBe(1);
    expect(queue.get("b")?.waits).toEqual([idle]);
    expect(claimAll(queue)).toEqual(["b"]);
    expect(queue.wake(NOW)).toBe(1);
    expect(claimAll(queue)).toEqual(["a"]);
  });

  test("keeps its place in the line, however long it waits", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("patient", { at: NOW - HOUR })]);
    claim(queue);
    queue.defer(OWNER, { source: "patient", until: NOW + HOUR, waits: [idle] });
    queue.request([request("fresh", { at: NOW + HOUR })]);
    expect(claimAll(queue, { now: NOW + HOUR })).toEqual(["patient", "fresh"]);
  });

  test("does not hold up a person who asked meanwhile or asks now", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("a"), request("b")]);
    claimAll(queue);
    queue.request([request("a", { cause: "person" })]);
    for (const source of ["a", "b"]) queue.defer(OWNER, { source, until: NOW + HOUR, waits: [idle] });
    expect(claimAll(queue)).toEqual(["a"]);
    queue.request([request("b", { cause: "person", at: NOW + 1 })]);
    expect(claimAll(queue, { now: NOW + 1 })).toEqual(["b"]);
  });

  test("is refused for what is parked or not there", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    claim(queue);
    queue.park(held("notes"), "r", NOW);
    const waits = [idle];
    expect(queue.defer(OWNER, { source: "notes", until: NOW, waits })).toBe(false);
    expect(queue.defer(OWNER, { source: "gone", until: NOW, waits })).toBe(false);
  });
});

describe("leases", () => {
  test("are prolonged for their owner only, also after they ran out", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("a"), request("b")]);
    claimAll(queue);
    const late = { owner: OWNER, now: NOW + HOUR, leaseMs: MINUTE };
    expect(queue.heartbeat(["a", "gone"], late)).toEqual(["a"]);
    expect(queue.heartbeat(["b"], { ...late, owner: "daemon-2" })).toEqual([]);
    expect(queue.get("a")?.lease?.until).toBe(NOW + HOUR + MINUTE);
  });

  test("of dead owners, and those that ran out, are taken back as a crash", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("dead", { at: NOW - 2 })]);
    claim(queue, { owner: "daemon-0", leaseMs: HOUR });
    queue.request([request("expired", { at: NOW - 1 })]);
    claim(queue, { leaseMs: 10 });
    queue.request([request("fine")]);
    claim(queue);
    const recovered = queue.recover({ now: NOW + 10, isAlive: (owner) => owner === OWNER });
    const counts = new Map(recovered.map(({ source, attempts, crashes }) => [source, { attempts, crashes }]));
    expect(counts).toEqual(
      new Map([
        ["dead", { attempts: 1, crashes: 1 }],
        ["expired", { attempts: 1, crashes: 1 }],
      ]),
    );
    expect(claimAll(queue, { now: NOW + 10 }).toSorted()).toEqual(["dead", "expired"]);
  });

  test("that are taken back three times in a row park the job", () => {
    using opened = openQueue();
    const { queue } = opened;
    queue.request([request("notes")]);
    let now = NOW;
    for (let crash = 1; crash <= 3; crash++) {
      expect(claim(queue, { now })?.crashes).toBe(crash - 1);
      queue.recover({ now, isAlive: () => false });
      now += HOUR;
    }
    expect(queue.get("notes")).toMatchObject({ state: "parked" });
    expect(queue.get("notes")?.reason).toBe("its worker died 3 times in a row: it was gone without a word");
  });

  test("recovery mends the times of a clock that ran ahead", () => {
    using opened = openQueue();
    const { queue } = opened;
    const ahead = NOW + 365 * 24 * HOUR;
    queue.request([
      request("notes", { at: ahead, notBefore: ahead + HOUR }),
      request("ready", { at: ahead }),
    ]);
    queue.hold("example.com", { until: ahead, reason: "r", unreachable: true });
    queue.recover({ now: NOW, isAlive: () => true });
    queue.request([request("fresh", { at: NOW + 1 })]);
    expect(claimAll(queue, { now: NOW + 1 })).toEqual(["notes", "ready", "fresh"]);
  });
});

describe("the next moment to wake up", () => {
  test("is that of the next job put off, or the end of a hold that jobs wait for", () => {
    using opened = openQueue();
    const { queue } = opened;
    expect(queue.nextWakeAt(NOW)).toBeUndefined();
    queue.request([request("now", { host: undefined })]);
    expect(queue.nextWakeAt(NOW)).toBeUndefined();
    queue.hold("example.com", { until: NOW + 5, reason: "r", unreachable: false });
    expect(queue.nextWakeAt(NOW)).toBeUndefined();
    queue.request([request("later", { notBefore: NOW + 20 })]);
    expect(queue.nextWakeAt(NOW)).toBe(NOW + 20);
    queue.request([request("held")]);
    expect(queue.nextWakeAt(NOW)).toBe(NOW + 5);
    queue.hold("example.com", { until: NOW + 50, reason: "r", unreachable: false });
    expect(queue.nextWakeAt(NOW + 20)).toBe(NOW + 50);
    expect(queue.nextWakeAt(NOW + 50)).toBeUndefined();
  });
});

test("a source that left the config leaves the queue, running or not", () => {
  using opened = openQueue();
  const { queue } = opened;
  queue.request([request("notes"), request("dotfiles")]);
  claim(queue, { only: "notes" });
  expect(queue.remove("notes")).toBe(true);
  expect(queue.remove("notes")).toBe(false);
  expect(queue.finish(held("notes"), NOW)).toBe(false);
  expect(queue.list({ limit: 5 }).map(({ source }) => source)).toEqual(["dotfiles"]);
});

test("the list shows what runs first, what is parked last, and between them the order of turns", () => {
  using opened = openQueue();
  const { queue } = opened;
  queue.request([request("parked"), request("second"), request("running")]);
  queue.request([request("first", { cause: "person" })]);
  claim(queue, { only: "parked" });
  queue.park(held("parked"), "r", NOW);
  claim(queue, { only: "running" });
  expect(queue.list().map(({ source }) => source)).toEqual(["running", "first", "second", "parked"]);
  expect(queue.counts()).toEqual({ queued: 2, deferred: 0, running: 1, parked: 1 });
});
