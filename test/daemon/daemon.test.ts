import { afterEach, describe, expect, test } from "bun:test";

import { LullError } from "../../src/base/errors.ts";
import { known, unknown } from "../../src/platform/readings/readings.ts";
import { makeRig, NOON, REMOTE, type Rig, type SourceWish, testConfig } from "./rig.ts";

const rigs: Rig[] = [];
afterEach(async () => {
  for (const rig of rigs.splice(0)) await rig.stop();
});

async function started(
  sources: Readonly<Record<string, SourceWish>>,
  prepare?: (rig: Rig) => void,
): Promise<Rig> {
  const rig = makeRig(testConfig(sources));
  rigs.push(rig);
  prepare?.(rig);
  await rig.daemon.start();
  await rig.timers.pass(0);
  return rig;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const names = (rig: Rig): readonly string[] => rig.syncs.map(({ source, cause }) => `${source} ${cause}`);
const offline = known(
  { online: false, behindSignIn: false, metered: undefined, wifi: undefined, ssid: undefined },
  "test",
);
const online = known({ online: true, behindSignIn: false, metered: false, wifi: true, ssid: "home" }, "test");

describe("schedules", () => {
  test("a source is synced when its time comes, and again the next time", async () => {
    const rig = await started({ notes: { schedule: "*/10 * * * *" }, code: { schedule: "manual" } });
    await rig.timers.pass(9 * MINUTE);
    expect(rig.syncs).toEqual([]);
    await rig.timers.pass(2 * MINUTE);
    expect(names(rig)).toEqual(["notes schedule"]);
    await rig.timers.pass(10 * MINUTE);
    expect(names(rig)).toEqual(["notes schedule", "notes schedule"]);
  });

  test("what the daemon tells at its start is the plan of each source", async () => {
    const rig = await started({ notes: { schedule: "every 6h" }, code: {} });
    expect(rig.kinds()).toContain("started");
    const planned = rig.events.filter(({ kind }) => kind === "planned");
    expect(planned).toMatchObject([
      { source: "notes", schedules: ["every 6 hours"] },
      { source: "code", schedules: [], nextAt: undefined },
    ]);
  });

  test("the plan is told before the first sync begins, and a next time that moves afterwards", async () => {
    const rig = await started({ notes: { schedule: "every 6h" } });
    const kinds = rig.kinds();
    expect(kinds.indexOf("planned")).toBeGreaterThan(-1);
    expect(kinds.indexOf("planned")).toBeLessThan(kinds.indexOf("begin"));
    await rig.timers.pass(0);
    expect(kinds).not.toContain("next");
    await rig.timers.pass(7 * HOUR);
    expect(rig.last("next")).toMatchObject({ source: "notes" });
    expect(rig.last("next")?.nextAt).toBeGreaterThan(rig.clock.now());
  });

  test("commands are heard before anything is planned", async () => {
    const rig = makeRig(testConfig({ notes: { schedule: "every 6h" } }));
    rigs.push(rig);
    let told: readonly string[] = [];
    await rig.daemon.start(() => {
      told = rig.kinds();
    });
    expect(told).toContain("started");
    expect(told).not.toContain("planned");
  });

  test("after sleep each missed schedule runs exactly once", async () => {
    const rig = await started({ notes: { schedule: "*/10 * * * *" }, daily: { schedule: "daily at 13:00" } });
    // The timers stand still in sleep; the wall clock does not.
    rig.clock.setWall("2026-03-02T20:03:00Z");
    await rig.timers.pass(3 * MINUTE);
    expect(rig.last("woke")?.awayMs).toBeGreaterThan(7 * HOUR);
    await rig.timers.pass(2 * MINUTE);
    expect([...names(rig)].sort()).toEqual(["daily catch-up", "notes catch-up"]);
    await rig.timers.pass(HOUR);
    expect(names(rig).filter((name) => name.startsWith("daily"))).toHaveLength(1);
  });

  test("a daemon that was killed neither forgets nor repeats what was due", async () => {
    const config = testConfig({ notes: { schedule: "daily at 12:05" } });
    const first = makeRig(config);
    first.controls.result = () => undefined;
    await first.daemon.start();
    await first.timers.pass(6 * MINUTE);
    expect(names(first)).toEqual(["notes schedule"]);
    first.abandon();

    const second = makeRig(config, first.state);
    rigs.push(second);
    second.clock.advance(10 * MINUTE);
    await second.daemon.start();
    await second.timers.pass(5 * MINUTE);
    expect(second.last("recovered")?.sources).toEqual(["notes"]);
    expect(names(second)).toEqual(["notes schedule"]);
    await second.timers.pass(HOUR);
    expect(names(second)).toHaveLength(1);
  });
});

describe("conditions", () => {
  test("a due source waits with its reason and what was measured, then runs", async () => {
    const rig = await started(
      { notes: { schedule: "*/10 * * * *", when: { idleMs: 5 * MINUTE, maxDeferMs: 12 * HOUR } } },
      ({ machine }) => {
        machine.idle = known({ kind: "used", idleMs: 40_000 }, "test");
      },
    );
    await rig.timers.pass(11 * MINUTE);
    expect(rig.syncs).toEqual([]);
    const waiting = rig.last("waiting");
    expect(waiting?.reasons.join()).toContain("40 s");
    expect(waiting?.latestAt).toBe(Date.parse(NOON) + 10 * MINUTE + 12 * HOUR);
    expect(rig.queue.get("notes")?.waits).toMatchObject([{ condition: "idle" }]);
    rig.machine.idle = known({ kind: "used", idleMs: 6 * MINUTE }, "test");
    await rig.timers.pass(5 * MINUTE);
    expect(names(rig)).toEqual(["notes schedule"]);
  });

  test("waiting is told once, not at each look", async () => {
    const rig = await started(
      { notes: { schedule: "daily at 12:01", when: { load: 0.5 } } },
      ({ machine }) => {
        machine.load = known(2, "test");
      },
    );
    await rig.timers.pass(HOUR);
    expect(rig.kinds().filter((kind) => kind === "waiting")).toHaveLength(1);
  });

  test("when it has waited as long as it may it runs, and says although what", async () => {
    const rig = await started(
      { notes: { schedule: "daily at 12:01", when: { load: 0.5, maxDeferMs: HOUR } } },
      ({ machine }) => {
        machine.load = known(2, "test");
      },
    );
    await rig.timers.pass(HOUR);
    expect(rig.syncs).toEqual([]);
    await rig.timers.pass(2 * MINUTE);
    expect(names(rig)).toEqual(["notes schedule"]);
    expect(rig.last("overdue")?.despite.join()).toContain("load");
  });

  test("without a network only sources that need none run; it is told once, and once when it is back", async () => {
    const rig = await started(
      {
        far: { schedule: "*/5 * * * *", remotes: [REMOTE] },
        also: { schedule: "*/5 * * * *", remotes: [REMOTE] },
        near: { schedule: "*/5 * * * *", remotes: [{ name: "origin", url: "/srv/notes.git" }] },
      },
      ({ machine }) => {
        machine.network = offline;
      },
    );
    await rig.timers.pass(21 * MINUTE);
    expect(new Set(names(rig))).toEqual(new Set(["near schedule"]));
    expect(rig.told.filter(({ kind }) => kind === "network")).toEqual([{ kind: "network", online: false }]);
    rig.machine.network = online;
    await rig.timers.pass(MINUTE);
    expect(rig.told.filter(({ kind }) => kind === "network")).toHaveLength(2);
    expect([...names(rig)].filter((name) => !name.startsWith("near")).sort()).toEqual([
      "also schedule",
      "far schedule",
    ]);
  });

  test("an answer of unknown goes on and says so", async () => {
    const rig = await started(
      { notes: { schedule: "daily at 12:01", when: { idleMs: MINUTE } } },
      ({ machine }) => {
        machine.idle = unknown("no desktop session");
      },
    );
    await rig.timers.pass(2 * MINUTE);
    expect(names(rig)).toEqual(["notes schedule"]);
    expect(rig.last("assumed")?.words.join()).toContain("no desktop session");
  });

  test("a person's request starts at once, whatever the conditions and the pause", async () => {
    const rig = await started({ notes: { when: { load: 0.1 } } }, ({ machine }) => {
      machine.load = known(9, "test");
    });
    rig.pauses.pause({ source: "*", since: rig.clock.now(), until: undefined, reason: "paused by me" });
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    expect(names(rig)).toEqual(["notes person"]);
  });
});

describe("pauses", () => {
  test("a paused source waits and says so; resumed, it runs what was due, once", async () => {
    const rig = await started({ notes: { schedule: "*/10 * * * *" } });
    rig.pauses.pause({ source: "notes", since: rig.clock.now(), until: undefined, reason: "on a train" });
    rig.daemon.reconsider();
    await rig.timers.pass(35 * MINUTE);
    expect(rig.syncs).toEqual([]);
    expect(rig.last("waiting")?.reasons).toEqual(["paused: on a train"]);
    rig.pauses.resume("notes", rig.clock.now());
    rig.daemon.reconsider();
    await rig.timers.pass(0);
    expect(names(rig)).toHaveLength(1);
  });

  test("a guard's pause ends when the folder is back; one that asks for a person does not", async () => {
    const rig = await started({ notes: { schedule: "*/10 * * * *" }, code: { schedule: "*/10 * * * *" } });
    const common = { since: rig.clock.now(), until: undefined };
    rig.pauses.pause({ ...common, source: "notes", reason: "the folder is empty", guard: "emptied" });
    rig.pauses.pause({ ...common, source: "code", reason: "9 of 9 would go", guard: "deletions" });
    rig.daemon.reconsider();
    await rig.timers.pass(25 * MINUTE);
    expect(rig.syncs).toEqual([]);
    rig.filled.add("/home/me/notes").add("/home/me/code");
    await rig.timers.pass(MINUTE);
    expect(rig.syncs.map(({ source }) => source)).toEqual(["notes"]);
    expect(rig.last("resumed")?.source).toBe("notes");
    expect(rig.pauses.list(rig.clock.now())).toMatchObject([{ source: "code", guard: "deletions" }]);
    // Resumed by another process without a word.
    rig.pauses.resume("code", rig.clock.now());
    await rig.timers.pass(MINUTE);
    expect(rig.syncs.at(-1)?.source).toBe("code");
  });

  test("a pause with an end ends by itself", async () => {
    const rig = await started({ notes: { schedule: "daily at 12:10" } });
    rig.pauses.pause({
      source: "*",
      since: rig.clock.now(),
      until: rig.clock.now() + HOUR,
      reason: "paused by me",
    });
    rig.daemon.reconsider();
    await rig.timers.pass(59 * MINUTE);
    expect(rig.syncs).toEqual([]);
    await rig.timers.pass(2 * MINUTE);
    expect(names(rig)).toEqual(["notes schedule"]);
  });
});

describe("file changes", () => {
  const WATCHED = { watch: { quietMs: 5000, maxWaitMs: 60_000 } };

  test("a burst of changes is synced at once, with hints for a worker that is still warm", async () => {
    const rig = await started({ notes: WATCHED });
    expect(rig.syncs).toEqual([{ source: "notes", cause: "start", hints: undefined }]);
    await rig.timers.pass(2 * MINUTE);
    const watch = rig.watches.get("notes");
    watch?.emit({ kind: "changed", paths: ["a.md"], since: rig.clock.now() });
    await rig.timers.pass(0);
    expect(rig.syncs.at(-1)).toEqual({ source: "notes", cause: "change", hints: undefined });
    if (watch !== undefined) watch.changed = ["b.md"];
    watch?.emit({ kind: "changed", paths: ["b.md"], since: rig.clock.now() });
    await rig.timers.pass(0);
    expect(rig.syncs.at(-1)).toMatchObject({ hints: ["b.md"] });
    await rig.timers.pass(2 * MINUTE);
    watch?.emit({ kind: "changed", paths: ["c.md"], since: rig.clock.now() });
    await rig.timers.pass(0);
    expect(rig.syncs.at(-1)?.hints).toBeUndefined();
    expect(rig.children).toHaveLength(3);
  });

  test("changes while it syncs lead to one more sync", async () => {
    const rig = await started({ notes: WATCHED }, ({ controls }) => {
      controls.result = () => undefined;
    });
    const emit = (): void =>
      rig.watches.get("notes")?.emit({ kind: "changed", paths: ["a.md"], since: rig.clock.now() });
    emit();
    await rig.timers.pass(0);
    emit();
    emit();
    await rig.timers.pass(0);
    expect(rig.syncs).toHaveLength(1);
    rig.finish("notes", { outcome: "synced" });
    await rig.timers.pass(0);
    expect(rig.syncs).toHaveLength(2);
    rig.finish("notes", { outcome: "up-to-date" });
    await rig.timers.pass(HOUR);
    expect(rig.syncs).toHaveLength(2);
  });
});

describe("failures", () => {
  const NETWORK_ERROR = {
    kind: "unreachable",
    code: "NETWORK",
    message: "git.example.org can not be reached",
    hint: undefined,
    causes: [],
    data: {},
    retry: true,
  } as const;
  const failed = {
    outcome: "failed",
    error: NETWORK_ERROR,
    remotes: [
      { ...REMOTE, received: 0, sent: 0, bytesReceived: 0, bytesSent: 0, moved: false, error: NETWORK_ERROR },
    ],
  } as const;

  test("what may pass is tried again with growing distance, until it works", async () => {
    const rig = await started(
      { notes: { schedule: "daily at 12:01", remotes: [REMOTE] } },
      ({ controls }) => {
        controls.result = () => failed;
      },
    );
    await rig.timers.pass(30 * MINUTE);
    const tries = rig.syncs.length;
    expect(tries).toBeGreaterThan(2);
    expect(tries).toBeLessThan(30);
    expect(rig.last("retry")?.source).toBe("notes");
    rig.controls.result = () => ({ outcome: "up-to-date" });
    await rig.timers.pass(2 * HOUR);
    const after = rig.syncs.length;
    await rig.timers.pass(4 * HOUR);
    expect(rig.syncs.length).toBe(after);
    expect(rig.queue.get("notes")).toBeUndefined();
  });

  test("a sync whose process dies is noted as failed, tried again, and parked when it always does", async () => {
    const rig = await started(
      { notes: { schedule: "daily at 12:01" }, code: { schedule: "*/30 * * * *" } },
      (made) => {
        made.controls.result = ({ source }) => (source === "notes" ? "dies" : { outcome: "up-to-date" });
      },
    );
    await rig.timers.pass(5 * HOUR);
    expect(rig.runs.last("notes").newest).toMatchObject({ outcome: "failed" });
    const everything = JSON.stringify([rig.events, rig.told, rig.runs.last("notes")]);
    expect(everything).toContain("panic: token=***");
    expect(everything).not.toContain("canary");
    expect(rig.queue.get("notes")?.state).toBe("parked");
    expect(rig.kinds().filter((kind) => kind === "parked")).toHaveLength(1);
    expect(rig.told.some(({ kind }) => kind === "parked")).toBe(true);
    expect(rig.syncs.filter(({ source }) => source === "code").length).toBeGreaterThan(8);
    rig.controls.result = () => ({ outcome: "up-to-date" });
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    expect(rig.queue.get("notes")).toBeUndefined();
  });

  test("a run whose end could not be written down is over as soon as it can", async () => {
    const rig = await started({ notes: {}, code: {} });
    const settle = rig.queue.settle.bind(rig.queue);
    rig.queue.settle = () => {
      throw new LullError({ kind: "failed", code: "STORE_BUSY", message: "the database is busy" });
    };
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    expect(rig.last("trouble")?.message).toBe("the database is busy");
    expect(rig.queue.get("notes")?.state).toBe("running");
    rig.queue.settle = settle;
    await rig.timers.pass(10 * MINUTE);
    expect(rig.queue.get("notes")).toBeUndefined();
    expect(names(rig)).toEqual(["notes person"]);
  });

  test("no more syncs at once than are allowed, and a host has its own limit", async () => {
    const elsewhere = { name: "origin", url: "https://other.example.org/x.git" };
    const rig = makeRig(
      testConfig(
        {
          a: { remotes: [REMOTE] },
          b: { remotes: [REMOTE] },
          c: { remotes: [REMOTE] },
          d: { remotes: [elsewhere] },
          e: {},
        },
        { concurrency: 4, perHost: 2 },
      ),
    );
    rigs.push(rig);
    rig.controls.result = () => undefined;
    await rig.daemon.start();
    rig.daemon.request(["a", "b", "c", "d", "e"]);
    await rig.timers.pass(0);
    expect(rig.syncs.map(({ source }) => source).sort()).toEqual(["a", "b", "d", "e"]);
    for (const source of ["a", "b", "d", "e"]) rig.finish(source, { outcome: "synced" });
    await rig.timers.pass(0);
    expect(rig.syncs.at(-1)?.source).toBe("c");
    rig.finish("c", { outcome: "synced" });
  });
});

describe("a database that can not be written", () => {
  const BUSY = new LullError({ kind: "locked", code: "STORE_BUSY", message: "held for too long" });
  const WATCHED = { watch: { quietMs: 5000, maxWaitMs: 60_000 } };

  test("what was asked for meanwhile is synced when it can, and the trouble is told once", async () => {
    const rig = await started({ notes: WATCHED, code: {} });
    rig.controls.storeError = BUSY;
    rig.watches.get("notes")?.emit({ kind: "changed", paths: ["a.md"], since: rig.clock.now() });
    rig.daemon.request(["code"]);
    await rig.timers.pass(MINUTE);
    expect(names(rig)).toEqual(["notes start"]);
    rig.controls.storeError = undefined;
    await rig.timers.pass(MINUTE);
    expect([...names(rig)].sort()).toEqual(["code person", "notes change", "notes start"]);
    expect(rig.events.filter(({ kind }) => kind === "trouble")).toHaveLength(1);
  });

  test("the end of a run is noted when it can be: no job is stuck", async () => {
    const rig = await started({ notes: {} }, ({ controls }) => {
      controls.result = () => undefined;
    });
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    rig.controls.storeError = BUSY;
    rig.finish("notes", { outcome: "synced" });
    await rig.timers.pass(10_000);
    rig.controls.storeError = undefined;
    await rig.timers.pass(MINUTE);
    expect(rig.queue.get("notes")).toBeUndefined();
    rig.controls.result = () => ({ outcome: "up-to-date" });
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    expect(rig.syncs).toHaveLength(2);
  });

  test("a job that was claimed when it failed goes back", async () => {
    const rig = await started({ notes: { schedule: "daily at 12:01" } });
    const find = rig.pauses.find.bind(rig.pauses);
    rig.pauses.find = () => {
      throw BUSY;
    };
    await rig.timers.pass(2 * MINUTE);
    expect(rig.syncs).toEqual([]);
    expect(rig.queue.get("notes")?.state).toBe("queued");
    rig.pauses.find = find;
    await rig.timers.pass(MINUTE);
    expect(names(rig)).toEqual(["notes schedule"]);
  });

  test("trouble that lasts is told to people, and its end", async () => {
    const rig = await started({ notes: {} });
    rig.controls.storeError = BUSY;
    await rig.timers.pass(10 * MINUTE);
    rig.controls.storeError = undefined;
    await rig.timers.pass(MINUTE);
    const kinds = rig.told.map(({ kind }) => kind).filter((kind) => kind.startsWith("trouble"));
    expect(kinds).toEqual(["trouble", "trouble-over"]);
  });
});

describe("a database that is another one", () => {
  test("what was noted in the old one is noted again, and the loss is told", async () => {
    const rig = await started({ notes: { schedule: "daily at 12:30" } }, ({ controls }) => {
      controls.result = () => undefined;
    });
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    rig.queue.remove("notes");
    rig.schedules.save({ saved: [], lost: rig.schedules.list() });
    rig.controls.storeLook = { kind: "damaged", setAside: "lull.db.damaged" };
    await rig.timers.pass(MINUTE);
    expect(rig.schedules.list()).toHaveLength(1);
    expect(rig.last("trouble")?.message).toContain("lull.db.damaged");
    expect(rig.told.some(({ kind }) => kind === "store-new")).toBe(true);
    rig.controls.result = () => ({ outcome: "up-to-date" });
    rig.finish("notes", "dies");
    await rig.timers.pass(0);
    expect(rig.syncs).toHaveLength(2);
  });

  test("a change that was noted in the old one in its last moment is synced all the same", async () => {
    const rig = await started({ notes: { schedule: "manual", watch: { quietMs: 5000, maxWaitMs: 60_000 } } });
    await rig.timers.pass(MINUTE);
    const before = rig.syncs.length;
    rig.watches.get("notes")?.emit({ kind: "changed", paths: ["b.md"], since: rig.clock.now() });
    rig.queue.remove("notes");
    rig.controls.storeLook = { kind: "replaced" };
    await rig.timers.pass(0);
    await rig.timers.pass(MINUTE);
    expect(rig.syncs.length).toBeGreaterThan(before);
  });
});

describe("jobs that nobody carries out", () => {
  test("a job that three daemons died over is parked, and that is told", async () => {
    const config = testConfig({ notes: {} });
    let rig = makeRig(config);
    for (let death = 0; death < 3; death++) {
      rig.controls.result = () => undefined;
      await rig.daemon.start();
      if (death === 0) rig.daemon.request(["notes"]);
      await rig.timers.pass(2 * MINUTE);
      expect(rig.daemon.running).toEqual(["notes"]);
      rig.abandon();
      rig = makeRig(config, rig.state);
    }
    rigs.push(rig);
    await rig.daemon.start();
    expect(rig.last("parked")?.source).toBe("notes");
    expect(rig.told.some(({ kind }) => kind === "parked")).toBe(true);
  });

  test("one that is claimed and not run, however that came about, is taken back in a while", async () => {
    const rig = await started({ notes: {} });
    rig.queue.request([
      { source: "notes", cause: "change", at: rig.clock.now(), host: undefined, hints: [] },
    ]);
    const job = rig.queue.claim({
      now: rig.clock.now(),
      owner: "nobody",
      leaseMs: 90_000,
      maxPerHost: 1,
    });
    expect(job?.source).toBe("notes");
    await rig.timers.pass(30 * MINUTE);
    expect(names(rig)).toEqual(["notes change"]);
  });

  test("a back-off that was noted while the clock ran a year ahead does not last a year", async () => {
    const rig = await started({ notes: {} });
    rig.clock.setWall("2027-03-02T12:00:00Z");
    await rig.timers.pass(MINUTE);
    rig.controls.result = () => ({
      outcome: "failed",
      error: {
        kind: "failed",
        code: "ENOSPC",
        message: "the disk is full",
        hint: undefined,
        causes: [],
        data: {},
        retry: false,
      },
    });
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    expect(rig.queue.get("notes")?.notBefore).toBeGreaterThan(Date.parse("2027-03-02T12:01:00Z"));
    rig.controls.result = () => ({ outcome: "up-to-date" });
    rig.clock.setWall("2026-03-02T12:02:00Z");
    await rig.timers.pass(2 * MINUTE);
    expect(names(rig)).toEqual(["notes person", "notes person"]);
  });
});

describe("workers", () => {
  test("that can not be started keep no config from being read", async () => {
    const rig = await started({ notes: {} });
    rig.controls.startError = new Error("EAGAIN");
    rig.controls.config = testConfig({ notes: {}, code: {} });
    expect((await rig.daemon.reload()).kind).toBe("loaded");
  });

  test("that can not be started park nothing; the sync comes when they can", async () => {
    const rig = await started({ notes: { schedule: "daily at 12:01" } });
    rig.controls.startError = new Error("ENOENT: posix_spawn");
    await rig.timers.pass(2 * HOUR);
    expect(rig.syncs).toEqual([]);
    expect(rig.queue.get("notes")).toMatchObject({ state: "queued", crashes: 0 });
    rig.controls.startError = undefined;
    await rig.timers.pass(HOUR);
    expect(names(rig)).toEqual(["notes schedule"]);
  });
});

describe("a config that is saved", () => {
  test("adds, changes and removes sources while syncs go on", async () => {
    const rig = await started(
      { notes: { schedule: "*/10 * * * *" }, old: { schedule: "*/10 * * * *" } },
      (made) => {
        made.controls.result = ({ source }) => (source === "notes" ? undefined : { outcome: "up-to-date" });
      },
    );
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    rig.controls.config = testConfig({
      notes: { schedule: "*/5 * * * *" },
      fresh: { schedule: "*/5 * * * *" },
    });
    await rig.daemon.reload();
    expect(rig.last("reloaded")).toMatchObject({ added: ["fresh"], removed: ["old"], changed: ["notes"] });
    expect(rig.daemon.running).toEqual(["notes"]);
    rig.controls.result = () => ({ outcome: "up-to-date" });
    rig.finish("notes", { outcome: "synced" });
    await rig.timers.pass(6 * MINUTE);
    expect(new Set(rig.syncs.map(({ source }) => source))).toEqual(new Set(["notes", "fresh"]));
  });

  test("a source that is watched from now on is looked at: nobody knows what changed before", async () => {
    const rig = await started({ notes: {} });
    rig.controls.config = testConfig({ notes: { watch: { quietMs: 5000, maxWaitMs: 60_000 } } });
    await rig.daemon.reload();
    await rig.timers.pass(0);
    expect(names(rig)).toEqual(["notes start"]);
    await rig.daemon.reload();
    await rig.timers.pass(MINUTE);
    expect(rig.syncs).toHaveLength(1);
  });

  test("with a mistake is refused with the reason, and the old one goes on", async () => {
    const rig = await started({ notes: { schedule: "*/10 * * * *" } });
    rig.controls.configError = new LullError({
      kind: "config",
      code: "CONFIG_INVALID",
      message: "line 3: no",
    });
    expect((await rig.daemon.reload()).kind).toBe("refused");
    expect(rig.last("reload-refused")?.error.message).toBe("line 3: no");
    expect(rig.told.some(({ kind }) => kind === "config-refused")).toBe(true);
    await rig.timers.pass(11 * MINUTE);
    expect(names(rig)).toEqual(["notes schedule"]);
    rig.controls.configError = undefined;
    expect((await rig.daemon.reload()).kind).toBe("loaded");
    expect(rig.told.some(({ kind }) => kind === "config-accepted")).toBe(true);
  });

  test("a source that is switched off is left alone, with its waiting job", async () => {
    const rig = await started(
      { notes: { schedule: "daily at 12:01", when: { load: 0.1 } } },
      ({ machine }) => {
        machine.load = known(2, "test");
      },
    );
    await rig.timers.pass(2 * MINUTE);
    expect(rig.queue.get("notes")?.waits).toHaveLength(1);
    rig.controls.config = testConfig({ notes: { enabled: false } });
    await rig.daemon.reload();
    rig.machine.load = known(0, "test");
    await rig.timers.pass(24 * HOUR);
    expect(rig.syncs).toEqual([]);
    expect(rig.queue.get("notes")).toBeUndefined();
  });
});

test("a start that fails leaves nothing behind that would keep the process alive", async () => {
  const rig = makeRig(testConfig({ notes: { watch: { quietMs: 5000, maxWaitMs: 60_000 } } }));
  rig.controls.storeError = new LullError({ kind: "locked", code: "STORE_BUSY", message: "held" });
  await expect(rig.daemon.start()).rejects.toThrow("held");
  expect(rig.watches.size).toBe(0);
  expect(rig.timers.pending).toBe(0);
  rig.abandon();
});

describe("the end", () => {
  test("a sync that runs is waited for, and nothing new begins", async () => {
    const rig = makeRig(testConfig({ notes: {}, code: {} }, { concurrency: 1 }));
    rig.controls.result = () => undefined;
    await rig.daemon.start();
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    rig.daemon.request(["code"]);
    await rig.timers.pass(0);
    let ended = false;
    const stopAndNote = async (): Promise<void> => {
      await rig.daemon.stop("asked", new AbortController().signal);
      ended = true;
    };
    const stopping = stopAndNote();
    await rig.timers.pass(10_000);
    expect(ended).toBe(false);
    expect(rig.last("stopping")).toMatchObject({ running: ["notes"] });
    rig.finish("notes", { outcome: "synced" });
    await rig.timers.pass(0);
    await stopping;
    expect(rig.syncs).toHaveLength(1);
    expect(rig.queue.get("code")?.state).toBe("queued");
    expect(rig.timers.pending).toBe(0);
    rig.abandon();
  });

  test("one that hangs is asked to stop after 30 seconds and killed 5 seconds later", async () => {
    const rig = makeRig(testConfig({ notes: {} }));
    rig.controls.result = () => undefined;
    await rig.daemon.start();
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    const stopping = rig.daemon.stop("asked", new AbortController().signal);
    await rig.timers.pass(31_000);
    expect(rig.children[0]?.signals).toEqual(["SIGTERM"]);
    await rig.timers.pass(5000);
    await stopping;
    expect(rig.children[0]?.signals).toEqual(["SIGTERM", "SIGKILL"]);
    expect(rig.queue.get("notes")).toMatchObject({ state: "queued", crashes: 0 });
    rig.abandon();
  });

  test("a config that is just read anew begins nothing that would outlive it", async () => {
    const rig = makeRig(testConfig({ notes: {} }));
    await rig.daemon.start();
    rig.controls.config = testConfig({ notes: { watch: { quietMs: 5000, maxWaitMs: 60_000 } } });
    const reloading = rig.daemon.reload();
    const stopping = rig.daemon.stop("asked", new AbortController().signal);
    await rig.timers.pass(0);
    await stopping;
    expect((await reloading).kind).toBe("refused");
    expect((await rig.daemon.reload()).kind).toBe("refused");
    expect(rig.watches.size).toBe(0);
    expect(rig.timers.pending).toBe(0);
    rig.abandon();
  });

  test("the second signal ends everything at once", async () => {
    const rig = makeRig(testConfig({ notes: {} }));
    rig.controls.result = () => undefined;
    await rig.daemon.start();
    rig.daemon.request(["notes"]);
    await rig.timers.pass(0);
    const urgent = new AbortController();
    const stopping = rig.daemon.stop("asked", urgent.signal);
    await rig.timers.pass(1000);
    urgent.abort();
    await rig.timers.pass(0);
    await stopping;
    expect(rig.children[0]?.signals).toEqual(["SIGKILL"]);
    rig.abandon();
  });
});
